// Reads a mini-program as WeChat does: app.json names pages, each .json names its components.
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** A problem in the source, told as `file:line: what`. Every build step throws these. */
export class SourceProblem extends Error {}

/**
 * @param {string} root folder of app.json
 * @returns {{root: string, app: object, units: Unit[]}} pages first, then the components they reach
 * @typedef {{path: string, page: boolean, config: object, using: Record<string, string>}} Unit
 */
export function readSource(root) {
  const app = readJson(root, 'app.json')
  const units = app.pages.map((path) => readUnit(root, path, true, app))
  const known = new Map(units.map((unit) => [unit.path, unit]))
  for (const unit of units) {
    for (const path of Object.values(unit.using)) {
      if (known.has(path)) continue
      const component = readUnit(root, path, false, app)
      known.set(path, component)
      units.push(component)
    }
  }
  return { root, app, units }
}

export function readText(root, file) {
  const path = join(root, file)
  if (!existsSync(path)) throw new SourceProblem(`${file}: there is no such file`)
  return readFileSync(path, 'utf8')
}

function readUnit(root, path, page, app) {
  const file = `${path}.json`
  const config = readJson(root, file)
  if (Boolean(config.component) === page) {
    const want = page ? 'must not have' : 'needs'
    throw new SourceProblem(`${file}: a ${page ? 'page' : 'component'} ${want} "component": true`)
  }
  const using = {}
  for (const [scope, tags] of [['app', app.usingComponents], [path, config.usingComponents]]) {
    for (const [tag, target] of Object.entries(tags ?? {})) {
      using[tag] = target.startsWith('/')
        ? target.slice(1)
        : posix.join(posix.dirname(scope), target)
    }
  }
  for (const extension of ['wxml', 'ts']) {
    if (!existsSync(join(root, `${path}.${extension}`))) {
      throw new SourceProblem(`${path}.${extension}: there is no such file`)
    }
  }
  return { path, page, config, using }
}

function readJson(root, file) {
  try {
    return JSON.parse(readText(root, file))
  } catch (error) {
    throw error instanceof SourceProblem ? error : new SourceProblem(`${file}: ${error.message}`)
  }
}
