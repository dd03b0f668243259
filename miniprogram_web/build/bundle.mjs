// Makes one script, one style sheet and one page out of a mini-program's source.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import { TmplGroup } from 'glass-easel-template-compiler'
import { SourceProblem, readSource, readText } from './source.mjs'
import { readTemplate } from './wxml.mjs'
import { readStyles, scopeOf } from './wxss.mjs'

const HERE = fileURLToPath(new URL('..', import.meta.url))
export const SOURCE = fileURLToPath(new URL('../../miniprogram_stub', import.meta.url))
const CALL = /\bwx\s*\.\s*(\w+)/g

/**
 * @param {{root?: string, minify?: boolean}} options
 * @returns {Promise<Record<string, string>>} file name → content
 */
export async function bundle({ root = SOURCE, minify = true } = {}) {
  const source = readSource(root)
  const entry = [
    `import { start } from './runtime/main'`,
    `const templates = ${compileTemplates(source)}`,
    `start(${JSON.stringify(staticParts(source))}, templates, {`,
    ...['app', ...source.units.map((unit) => unit.path)].map(
      (path) => `  ${JSON.stringify(path)}: () => require(${JSON.stringify(join(root, path))}),`,
    ),
    `})`,
  ].join('\n')
  const built = await esbuild.build({
    stdin: { contents: entry, resolveDir: HERE, loader: 'ts', sourcefile: 'entry.ts' },
    bundle: true,
    minify,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    plugins: [pageModules(root, shimmedCalls())],
    logLevel: 'silent',
  }).catch((failure) => {
    throw new SourceProblem(
      failure.errors.map((e) => `${e.location?.file}:${e.location?.line}: ${e.text}`).join('\n'),
    )
  })
  return {
    'index.html': readFileSync(join(HERE, 'index.html'), 'utf8'),
    'mini.js': built.outputFiles[0].text,
    'mini.css': await allStyles(source, minify),
  }
}

function staticParts(source) {
  return {
    app: source.app,
    units: source.units.map((unit) => ({
      path: unit.path,
      page: unit.page,
      scope: unit.page ? null : scopeOf(unit),
      config: {
        ...unit.config,
        usingComponents: mapValues(unit.using, (path) => `/${path}`),
      },
    })),
  }
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}

function compileTemplates(source) {
  const group = new TmplGroup()
  for (const unit of source.units) {
    const file = `${unit.path}.wxml`
    const text = readTemplate(file, readText(source.root, file), unit.using)
    const problems = group.addTmpl(unit.path, text)
    if (problems.length) {
      throw new SourceProblem(
        problems.map((p) => `${file}:${p.startLine + 1}: ${p.message}`).join('\n'),
      )
    }
  }
  return group.getTmplGenObjectGroups()
}

async function allStyles(source, minify) {
  const sheets = ['style/tags.css', 'style/shell.css'].map((f) => readFileSync(join(HERE, f), 'utf8'))
  const add = (file, where) => {
    if (existsSync(join(source.root, file))) sheets.push(readStyles(source.root, file, where))
  }
  add('app.wxss', {})
  for (const unit of source.units) {
    add(`${unit.path}.wxss`, unit.page ? { page: unit.path } : { scope: scopeOf(unit) })
  }
  const { code } = await esbuild.transform(sheets.join('\n'), { loader: 'css', minify })
  return code
}

/** The calls that runtime/wx offers: its table's keys, read from the source. */
function shimmedCalls() {
  const table = readFileSync(join(HERE, 'runtime/wx/index.ts'), 'utf8')
  const list = /const CALLS = \{([\s\S]*?)\n\}/.exec(table)[1]
  return new Set([...list.matchAll(/\b(\w+)\b\s*[,:]/g)].map((match) => match[1]))
}

/** Puts the modules of instead/ in place, and refuses a wx call that nobody answers. */
function pageModules(root, known) {
  return {
    name: 'page-modules',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!path.startsWith(root)) return null
        const instead = join(HERE, 'instead', path.slice(root.length))
        if (existsSync(instead)) {
          return { contents: readFileSync(instead, 'utf8'), loader: 'ts', resolveDir: dirname(instead) }
        }
        const text = readFileSync(path, 'utf8')
        const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => comment.replace(/\S/g, ' '))
        const errors = [...code.matchAll(CALL)]
          .filter((match) => !known.has(match[1]) && !/^[A-Z]/.test(match[1]))
          .map((match) => ({
            text: `wx.${match[1]} is not shimmed`,
            location: { file: path, line: code.slice(0, match.index).split('\n').length },
          }))
        return { contents: text, loader: 'ts', errors }
      })
    },
  }
}
