// Turns WXSS into CSS for one document that holds all pages and components at once.
import { posix } from 'node:path'
import postcss from 'postcss'
import { SourceProblem, readText } from './source.mjs'
import { BUILT_IN } from './wxml.mjs'

const UNIT = /(-?\d*\.?\d+)(rpx|vw|vh)\b/g
const TYPE = /(^|[\s>+~(,])([a-z][a-z-]*)(?=$|[\s>+~.:#[),])/g

/** The name that scopes an isolated component's classes. */
export function scopeOf(unit) {
  return unit.path.replaceAll('/', '-')
}

/**
 * @param {string} root
 * @param {string} file
 * @param {{page: string} | {scope: string} | {}} where a page's, a component's or the app's sheet
 * @returns {string} CSS
 */
export function readStyles(root, file, where) {
  let sheet
  try {
    sheet = postcss.parse(withImports(root, file), { from: file })
  } catch (error) {
    throw new SourceProblem(error.message)
  }
  sheet.walkDecls((declaration) => {
    declaration.value = declaration.value.replace(UNIT, 'calc($1 * var(--$2))')
  })
  sheet.walkRules((rule) => {
    if (rule.parent.type === 'atrule' && rule.parent.name.endsWith('keyframes')) return
    rule.selectors = rule.selectors.map((selector) => scoped(selector, where, file))
  })
  return sheet.toString()
}

function withImports(root, file) {
  return readText(root, file).replace(/@import\s+["']([^"']+)["'];?/g, (_, target) => {
    const path = target.startsWith('/')
      ? target.slice(1)
      : posix.join(posix.dirname(file), target)
    return withImports(root, path)
  })
}

function scoped(selector, where, file) {
  const typed = selector.replace(TYPE, (whole, before, tag) => {
    if (tag === 'page') return `${before}wx-page`
    if (BUILT_IN.includes(tag)) return `${before}[wx-tag="${tag}"]`
    throw new SourceProblem(`${file}: <${tag}> in the selector "${selector}" is no built-in tag`)
  })
  if (where.scope) {
    return typed
      .replace(/\.([A-Za-z_][\w-]*)/g, `.${where.scope}--$1`)
      .replace(/:host\(([^)]*)\)/g, `[wx-host="${where.scope}"]$1`)
      .replace(/:host/g, `[wx-host="${where.scope}"]`)
  }
  if (!where.page) return typed
  const page = `:where(wx-page[data-page="${where.page}"])`
  return typed.startsWith('wx-page') ? typed.replace('wx-page', `wx-page${page}`) : `${page} ${typed}`
}
