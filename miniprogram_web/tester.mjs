// A phone in Node: opens a page of the mini-program in jsdom, with canned answers behind it.
import { after } from 'node:test'
import { Script } from 'node:vm'
import { JSDOM, VirtualConsole } from 'jsdom'
import { answer, host } from './answers.mjs'
import { bundle } from './build/bundle.mjs'

const NOW = '2025-03-03T09:00:00+08:00'
const LONGEST_MS = 5_000
const CONTROLS = {
  button: 'button, [role=button]',
  link: 'a, [role=link]',
  tab: '[role=tab]',
  switch: '[role=switch]',
  checkbox: 'input[type=checkbox]:not([role]), [role=checkbox]',
  radio: 'input[type=radio], [role=radio]',
}

const scripts = new Map()
const open = new Set()

// A page's timers would keep the process alive.
after(() => open.forEach((phone) => phone.close()))

/**
 * Opens a page as a person who has just scanned or tapped would see it.
 * @param {string} page `pages/lift/lift?scene=…`
 * @param {object} options
 *   answers: what the server says, see answers.mjs · as: whose phone · font: WeChat's font size
 *   now: sandbox time · stored: what storage already holds · root: another source than ours
 * @returns {Promise<Phone>} when everything it asked for has come
 */
export async function openPage(page, options = {}) {
  const script = await scriptOf(options.root)
  const ordinary = { answers: {}, as: '王芳', font: 16, now: NOW, stored: {} }
  const phone = new Phone(script, page, { ...ordinary, ...options })
  open.add(phone)
  await phone.settled()
  return phone
}

/** One build per source and process. */
function scriptOf(root) {
  if (!scripts.has(root)) {
    scripts.set(root, bundle({ root, minify: false }).then((files) => new Script(files['mini.js'])))
  }
  return scripts.get(root)
}

class Phone {
  /** Requests that went out, oldest first: {method, path, headers, body}. */
  requests = []
  #answers
  #waiting = 0
  #online = true

  constructor(script, page, { answers, as, font, now, stored }) {
    this.#answers = answers
    const search = new URLSearchParams({ as, font: String(font) })
    this.dom = new JSDOM('<!doctype html><html lang="zh-CN"><body></body></html>', {
      url: `http://mini.test/mini/?${search}#/${page}`,
      runScripts: 'outside-only',
      pretendToBeVisual: true,
      virtualConsole: new VirtualConsole(),
    })
    const { window } = this.dom
    this.window = window
    this.document = window.document
    for (const [key, value] of Object.entries(stored)) {
      window.localStorage.setItem(`page:${as}:${key}`, JSON.stringify(value))
    }
    this.#fillGaps(window)
    window.eval(host(now))
    script.runInContext(this.dom.getInternalVMContext())
  }

  /** What a person reads, top to bottom, of the page that is open (or the dialog over it). */
  text() {
    return clean(visibleText(this.#scope()))
  }

  /** `pages/…` of the page that is open, with its query. */
  get path() {
    return this.window.location.hash.slice(2)
  }

  get title() {
    return this.document.querySelector('.bar-title').textContent
  }

  /** What a toast says, or ''. */
  get toast() {
    const toast = this.document.querySelector('.toast')
    return toast.hidden ? '' : toast.textContent
  }

  /** The one control with this name; throws and lists the others when there is none or several. */
  control(name, kind) {
    const selector = kind ? CONTROLS[kind] : Object.values(CONTROLS).join(', ')
    return pick(this.#all(selector), name, nameOf)
  }

  /** The one field with this label. */
  field(label) {
    return pick(this.#all('input:not([type=checkbox]):not([type=radio]), textarea, select'), label, nameOf)
  }

  /** The first visible element that matches a selector, or null. */
  query(selector) {
    return this.#all(selector)[0] ?? null
  }

  /** Taps what has this name and waits for what follows. */
  async tap(name, kind) {
    this.control(name, kind).click()
    await this.settled()
  }

  /** Types into a field, all at once. */
  async type(label, text) {
    const field = this.field(label)
    field.focus()
    field.value = text
    this.#fire(field, 'input')
    this.#fire(field, 'change')
    field.blur()
    await this.settled()
  }

  /** Draws a line on the canvas with this label, through these points. */
  async draw(label, points) {
    const canvas = pick(this.#all('canvas'), label, nameOf)
    const at = (kind, [x, y]) =>
      canvas.dispatchEvent(
        new this.window.MouseEvent(kind, { bubbles: true, clientX: x, clientY: y, buttons: 1 }),
      )
    at('pointerdown', points[0])
    for (const point of points) at('pointermove', point)
    at('pointerup', points.at(-1))
    await this.settled()
  }

  /** Chooses pictures in the open file dialog. */
  async choose(...names) {
    const input = this.#all('input[type=file]')[0]
    const files = names.map((name) => new this.window.File(['picture'], name, { type: 'image/jpeg' }))
    Object.defineProperty(input, 'files', { value: files })
    this.#fire(input, 'change')
    await this.settled()
  }

  /** Takes the network away, or gives it back. */
  async connect(online) {
    this.#online = online
    this.window.dispatchEvent(new this.window.Event(online ? 'online' : 'offline'))
    await this.settled()
  }

  /** Changes what the server says from now on. */
  say(answers) {
    this.#answers = { ...this.#answers, ...answers }
  }

  /** Resolves when nothing is under way; throws what went wrong inside the page. */
  async settled() {
    const until = Date.now() + LONGEST_MS
    let quiet = 0
    while (quiet < 3) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      quiet = this.#waiting === 0 ? quiet + 1 : 0
      if (Date.now() > until) throw new Error('the page does not come to rest')
    }
    const problems = this.window.miniProblems
    if (problems?.length) throw new Error(`the page failed:\n${problems.splice(0).join('\n')}`)
  }

  /** Puts the phone away; at the end of a file this happens by itself. */
  close() {
    open.delete(this)
    this.window.close()
  }

  #scope() {
    const dialog = this.document.querySelector('.dialog:last-child')
    return dialog ?? this.document.querySelector('wx-page:not([hidden])')
  }

  #all(selector) {
    const found = [...this.#scope().querySelectorAll(selector)]
    if (!this.document.querySelector('.dialog')) {
      found.push(...this.document.querySelectorAll(`.bar :is(${selector})`))
    }
    return found.filter((element) => !element.closest('[hidden]'))
  }

  #fire(element, kind) {
    element.dispatchEvent(new this.window.Event(kind, { bubbles: true }))
  }

  /** What jsdom lacks and a page needs. */
  #fillGaps(window) {
    let files = 0
    Object.assign(window.URL, { createObjectURL: () => `blob:mini/${++files}` })
    Object.defineProperty(window.navigator, 'onLine', { get: () => this.#online })
    const pen = new Proxy({}, { get: () => () => undefined, set: () => true })
    Object.assign(window.HTMLCanvasElement.prototype, {
      getContext: () => pen,
      getBoundingClientRect: () => ({ left: 0, top: 0, right: 320, bottom: 160, width: 320, height: 160 }),
      toBlob(done, type) {
        done(new window.Blob(['ink'], { type }))
      },
      toDataURL: () => 'data:image/png;base64,aW5r',
    })
    window.fetch = (url, init) => this.#fetch(new URL(url, window.location.href), init)
  }

  async #fetch({ pathname, search }, { method = 'GET', headers = {}, body } = {}) {
    this.#waiting += 1
    try {
      await new Promise((resolve) => setTimeout(resolve))
      if (!this.#online) throw new TypeError('Failed to fetch')
      const sent = typeof body === 'string' ? JSON.parse(body) : body
      const request = { method, path: decodeURI(pathname) + search, headers, body: sent }
      if (!pathname.startsWith('/sandbox/')) this.requests.push(request)
      const said = await answer(this.#answers, request)
      const raw = said.body instanceof Uint8Array
      return new Response(raw ? said.body : JSON.stringify(said.body), {
        status: said.status,
        headers: { 'content-type': raw ? 'application/octet-stream' : 'application/json' },
      })
    } finally {
      this.#waiting -= 1
    }
  }
}

function pick(elements, name, read) {
  const named = elements.map((element) => [read(element), element])
  const exact = named.filter(([text]) => text === name)
  const found = exact.length ? exact : named.filter(([text]) => text.includes(name))
  if (found.length === 1) return found[0][1]
  const all = named.map(([text]) => `“${text}”`).join(' ')
  throw new Error(`${found.length ? 'several are' : 'nothing is'} called “${name}”; there are: ${all}`)
}

/** The name that a screen reader would say. */
function nameOf(element) {
  const document = element.ownerDocument
  const referred = (element.getAttribute('aria-labelledby') ?? '')
    .split(' ')
    .filter(Boolean)
    .map((id) => document.getElementById(id)?.textContent ?? '')
    .join(' ')
  const label = [...(element.labels ?? [])].map((one) => visibleText(one)).join(' ')
  const own = element.getAttribute('aria-label') ?? element.getAttribute('alt')
  return clean(referred || own || label || visibleText(element) || element.placeholder || '')
}

function visibleText(node) {
  if (node.nodeType === 3) return node.textContent
  if (node.nodeType !== 1 || node.hidden || node.getAttribute('aria-hidden') === 'true') return ''
  if (node.tagName === 'IMG') return node.alt
  const inline = ['WX-TEXT', 'SPAN', 'LABEL'].includes(node.tagName)
  const text = [...node.childNodes].map(visibleText).join('')
  return inline ? text : `${text}\n`
}

function clean(text) {
  return text
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter(Boolean)
    .join('\n')
}
