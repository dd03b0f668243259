// Starts a mini-program: framework, tags, `wx`, App, then the first page.
import { MiniProgramEnv, component } from 'glass-easel-miniprogram-adapter'
import { listenEverywhere, makeBackend } from './backend'
import type { glassEasel } from './easel'
import { act } from './host'
import { useMenu } from './menu'
import { openPages, parse, relaunch, usePages, watchVisibility } from './pages'
import type { Dict, Parts } from './parts'
import { problems, report, watchProblems } from './problems'
import { buildShell, watchTaps } from './shell'
import { defineTags } from './tags'
import { watchNetwork } from './wx/device'
import { CALLS } from './wx'
import { queryOf } from './wx/query'

type Templates = Record<string, glassEasel.template.ComponentTemplate['content']>
type Modules = Record<string, () => unknown>
type App = Dict & { onLaunch?: (options: unknown) => void; onShow?: (options: unknown) => void }

export function start(parts: Parts, templates: Templates, modules: Modules): void {
  watchProblems()
  buildShell()
  watchTaps()
  listenEverywhere()
  watchNetwork()
  watchVisibility()
  useMenu()

  const env = new MiniProgramEnv()
  const space = env.createCodeSpace('', true)
  const backend = env.associateBackend(makeBackend())
  space.getComponentSpace().updateComponentOptions({ writeFieldsToNode: false })
  defineTags(space.getComponentSpace())
  usePages({ parts, space, backend })

  let app: App = {}
  component.ComponentCaller.prototype.createSelectorQuery = function () {
    return queryOf(this as never) as never
  }
  Object.assign(window, {
    wx: CALLS,
    App: (options: App) => (app = options),
    getApp: () => app,
    getCurrentPages: openPages,
    miniProblems: problems,
  })
  modules.app?.()

  for (const { path, scope, config } of parts.units) {
    space.addComponentStaticConfig(path, config as never)
    space.addCompiledTemplate(path, { groupList: templates, content: templates[path] } as never)
    if (scope) space.addStyleSheet(path, undefined, scope)
  }
  for (const { path } of parts.units) {
    space.globalComponentEnv(window, path, () => modules[path]?.())
  }

  const address = location.hash.slice(1)
  const { path, query } = parse(address || (parts.app.pages[0] ?? ''))
  const options = { path, query, scene: 1001, referrerInfo: {} }
  // Without a network nobody hears of it, and the page opens all the same.
  act('open').catch(() => undefined)
  app.onLaunch?.(options)
  app.onShow?.(options)
  try {
    relaunch(address)
  } catch (error) {
    report(error)
  }
}
