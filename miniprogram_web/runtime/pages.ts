// The stack of open pages and their lives.
import type { AssociatedBackend, CodeSpace, Root } from 'glass-easel-miniprogram-adapter'
import type { Parts, Unit } from './parts'
import { report } from './problems'
import { shell } from './shell'

type Query = Record<string, string>
type Methods = Record<string, ((...args: unknown[]) => unknown) | undefined>
type Open = { unit: Unit; root: Root; element: HTMLElement; page: Methods; scroll: number; title: string; address: string }

const MOST = 10
const stack: Open[] = []
let parts: Parts
let space: CodeSpace
let backend: AssociatedBackend

export function usePages(from: { parts: Parts; space: CodeSpace; backend: AssociatedBackend }): void {
  ;({ parts, space, backend } = from)
  shell.back.addEventListener('click', () => goBack(1))
  window.addEventListener('hashchange', () => relaunch(location.hash.slice(1)))
}

/** What getCurrentPages() gives. */
export function openPages(): Methods[] {
  return stack.map((open) => open.page)
}

export function topPage(): Open {
  const open = stack.at(-1)
  if (!open) throw new Error('no page is open')
  return open
}

/** Splits an address as WeChat does: values stay as they are written, nothing is decoded. */
export function parse(address: string): { path: string; query: Query } {
  const [path = '', search = ''] = address.replace(/^\//, '').split(/\?(.*)/s)
  const query: Query = {}
  for (const pair of search.split('&').filter(Boolean)) {
    const at = pair.indexOf('=')
    if (at < 0) query[pair] = ''
    else query[pair.slice(0, at)] = pair.slice(at + 1)
  }
  return { path, query }
}

/** By `open-type` of a <navigator>. */
export function navigate(kind: string, url: string, delta: number): void {
  if (kind === 'navigate') push(url)
  else if (kind === 'redirect') replace(url)
  else if (kind === 'reLaunch') relaunch(url)
  else if (kind === 'navigateBack') goBack(delta)
  else throw new Error(`<navigator open-type="${kind}"> is not shimmed`)
}

export function push(url: string): void {
  if (stack.length >= MOST) throw new Error(`webview count limit exceed`)
  const unit = find(url)
  hide(topPage())
  open(unit, url)
}

export function replace(url: string): void {
  const unit = find(url)
  close()
  open(unit, url)
}

export function relaunch(url: string): void {
  const unit = find(url || (parts.app.pages[0] ?? ''))
  while (stack.length) close()
  open(unit, url)
}

export function goBack(delta: number): void {
  if (stack.length < 2) throw new Error('cannot navigate back at first page')
  for (let left = Math.min(delta, stack.length - 1); left > 0; left -= 1) close()
  const open = topPage()
  open.element.hidden = false
  shell.pages.scrollTop = open.scroll
  life(open, 'onShow')
  dress()
}

export function setTitle(title: string): void {
  topPage().title = title
  dress()
}

function find(url: string): Unit {
  const { path } = parse(absolute(url))
  const unit = parts.units.find((known) => known.page && known.path === path)
  if (!unit) throw new Error(`page "${path}" is not found`)
  return unit
}

function absolute(url: string): string {
  const below = stack.at(-1)
  if (!url.startsWith('.') || !below) return url
  return new URL(url, `file:///${below.unit.path}`).pathname.slice(1) + (url.match(/\?.*/s)?.[0] ?? '')
}

function open(unit: Unit, url: string): void {
  const address = absolute(url || unit.path).replace(/^\//, '')
  const { query } = parse(address)
  const root = backend.createRoot('wx-page', space, unit.path)
  const element = root.getComponent().$$ as unknown as HTMLElement
  element.dataset.page = unit.path
  const page = root.get() as unknown as Methods
  Object.assign(page, { route: unit.path, options: query })
  const title =
    unit.config.navigationBarTitleText ?? parts.app.window?.navigationBarTitleText ?? ''
  const opened: Open = { unit, root, element, page, scroll: 0, title, address }
  stack.push(opened)
  const place = document.createElement('div')
  shell.pages.append(place)
  root.attach(shell.pages as never, place as never)
  shell.pages.scrollTop = 0
  dress()
  life(opened, 'onLoad', query)
  life(opened, 'onShow')
  life(opened, 'onReady')
}

function hide(open: Open): void {
  open.scroll = shell.pages.scrollTop
  open.element.hidden = true
  life(open, 'onHide')
}

function close(): void {
  const open = stack.pop()
  if (!open) return
  life(open, 'onUnload')
  open.element.remove()
  open.root.release()
}

/** Calls a page's function, if it has it. Its failures are reported, not thrown. */
export function life(open: Open, name: string, ...args: unknown[]): unknown {
  const method = open.page[name]
  if (typeof method !== 'function') return undefined
  try {
    const result = method.apply(open.page, args)
    if (result instanceof Promise) result.catch(report)
    return result
  } catch (error) {
    report(error)
    return undefined
  }
}

/** Tells all pages of this app that it came to the front or went to the back. */
export function watchVisibility(): void {
  document.addEventListener('visibilitychange', () => {
    if (stack.length) life(topPage(), document.hidden ? 'onHide' : 'onShow')
  })
}

function dress(): void {
  const { title, address } = topPage()
  shell.title.textContent = title
  document.title = title
  history.replaceState(null, '', `#/${address}`)
  shell.back.hidden = stack.length < 2
}
