// node build.mjs [--out DIR] [--watch]: the web build of miniprogram_stub/.
import { mkdirSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { parseArgs } from 'node:util'
import { SOURCE, bundle } from './build/bundle.mjs'
import { SourceProblem } from './build/source.mjs'

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: fileURLToPath(new URL('dist', import.meta.url)) },
    watch: { type: 'boolean', default: false },
  },
})

async function build() {
  const started = performance.now()
  const files = await bundle()
  mkdirSync(values.out, { recursive: true })
  let bytes = 0
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(values.out, name), content)
    bytes += gzipSync(content).length
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`built ${values.out}: ${Math.round(bytes / 1024)} KB compressed, ${seconds} s`)
}

async function tell(work) {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof SourceProblem)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

await tell(build)
if (values.watch) {
  let timer
  watch(SOURCE, { recursive: true }, () => {
    clearTimeout(timer)
    timer = setTimeout(() => tell(build), 100)
  })
}
