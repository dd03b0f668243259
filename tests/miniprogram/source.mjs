// One module of the mini-program's source, bundled as it is (the web build's stand-ins left out).
import { fileURLToPath } from 'node:url'
import * as esbuild from '../../miniprogram_web/node_modules/esbuild/lib/main.js'

const LIB = new URL('../../miniprogram_stub/lib/', import.meta.url)

/** The exports of `lib/<name>.ts`. */
export async function lib(name) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [fileURLToPath(new URL(`${name}.ts`, LIB))],
    bundle: true,
    write: false,
    format: 'esm',
    charset: 'utf8',
  })
  const code = Buffer.from(outputFiles[0].contents).toString('base64')
  return import(`data:text/javascript;base64,${code}`)
}
