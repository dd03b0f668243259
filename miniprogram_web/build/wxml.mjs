// Checks a template's tags and renames the built-in ones (`view` → `wx-view`).
import { SourceProblem } from './source.mjs'

export const BUILT_IN = [
  'button', 'canvas', 'checkbox', 'checkbox-group', 'form', 'image', 'input', 'label', 'navigator',
  'picker', 'radio', 'radio-group', 'scroll-view', 'switch', 'text', 'textarea', 'view',
]
const STRUCTURE = ['block', 'slot']
const CHILDLESS = ['checkbox', 'image', 'input', 'radio', 'switch', 'textarea']
const PASSIVE = ['image', 'text', 'view']
const TAP = /^(?:mut-bind|bind|catch):?tap$/

const TOKEN =
  /<!--[\s\S]*?-->|<(\/?)([A-Za-z][\w-]*)((?:\{\{[\s\S]*?\}\}|"[^"]*"|'[^']*'|[^>"'])*?)(\/?)>/g
const ATTRIBUTE = /([\w:-]+)(?:\s*=\s*("[^"]*"|'[^']*'))?/g
const RPX = /(-?\d*\.?\d+|\{\{[^}]*\}\})rpx/g

/**
 * @param {string} file name for problems
 * @param {string} text
 * @param {Record<string, string>} using tags of the project's own components
 * @returns {string} the template with renamed tags and inline `rpx` made into `calc()`
 */
export function readTemplate(file, text, using) {
  const open = []
  const renamed = text.replace(TOKEN, (whole, close, tag, attributes, empty, at) => {
    if (tag === undefined) return whole
    const problem = (what) => new SourceProblem(`${file}:${lineAt(text, at)}: ${what}`)
    const builtIn = BUILT_IN.includes(tag)
    if (!builtIn && !STRUCTURE.includes(tag) && !(tag in using)) {
      throw problem(`<${tag}> is neither a built-in tag we know nor in usingComponents`)
    }
    if (close) {
      if (open.pop() !== tag) throw problem(`</${tag}> closes nothing`)
    } else {
      const parent = open.at(-1)
      if (CHILDLESS.includes(parent)) throw problem(`<${parent}> cannot hold <${tag}>`)
      if (!empty) open.push(tag)
      checkTap(tag, attributes, problem)
    }
    return `<${close}${builtIn ? 'wx-' : ''}${tag}${styled(attributes)}${empty}>`
  })
  if (open.length) throw new SourceProblem(`${file}: <${open.at(-1)}> is not closed`)
  return renamed
}

/** What can be tapped must say what it is, or a screen reader and a keyboard pass it by. */
function checkTap(tag, attributes, problem) {
  if (!PASSIVE.includes(tag)) return
  const found = Object.fromEntries(
    [...attributes.matchAll(ATTRIBUTE)].map(([, name, value]) => [name, value ?? '""']),
  )
  const tap = Object.keys(found).find((name) => TAP.test(name))
  if (tap && found[tap].length > 2 && !('role' in found) && !('aria-role' in found)) {
    throw problem(`<${tag} ${tap}> needs aria-role (or be a <button>): say what a tap does`)
  }
}

function styled(attributes) {
  return attributes.replace(
    /(\sstyle\s*=\s*)("[^"]*"|'[^']*')/g,
    (_, name, value) => name + value.replace(RPX, 'calc($1 * var(--rpx))'),
  )
}

function lineAt(text, at) {
  return text.slice(0, at).split('\n').length
}
