// DOM elements for the framework, and DOM events as a page expects them.
import { glassEasel, send } from './easel'

/** Real controls where HTML has one that lays out alike; everything else is a custom element. */
const HOSTS: Record<string, string> = {
  'wx-canvas': 'canvas',
  'wx-checkbox': 'input',
  'wx-image': 'img',
  'wx-input': 'input',
  'wx-label': 'label',
  'wx-radio': 'input',
  'wx-switch': 'input',
  'wx-textarea': 'textarea',
}

export function makeBackend(): glassEasel.CurrentWindowBackendContext {
  const backend = new glassEasel.CurrentWindowBackendContext()
  const createElement = (tag: string) => {
    const element = document.createElement(HOSTS[tag] ?? tag)
    if (tag.startsWith('wx-')) element.setAttribute('wx-tag', tag.slice(3))
    return element
  }
  Object.assign(backend, {
    document: {
      createElement,
      createTextNode: (text: string) => document.createTextNode(text),
      createDocumentFragment: () => document.createDocumentFragment(),
    },
    // Events come from listenEverywhere and from the tags themselves, each once.
    setListenerStats: () => undefined,
  })
  return backend
}

/** One listener for each kind of event that any tag may get. */
export function listenEverywhere(): void {
  document.addEventListener('click', (event) => {
    if (isDisabled(event.target)) return
    const point = { x: event.clientX, y: event.clientY }
    send(event.target, 'tap', point, { bubbles: true, fields: touches(event, false) })
  })
  document.addEventListener('keydown', (event) => {
    const target = event.target
    if (!(target instanceof HTMLElement) || !target.tagName.startsWith('WX-')) return
    if (!target.hasAttribute('tabindex') || target.getAttribute('role') === 'region') return
    if (event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    target.click()
  })
  for (const [kind, name, down] of [
    ['pointerdown', 'touchstart', true],
    ['pointermove', 'touchmove', true],
    ['pointerup', 'touchend', false],
    ['pointercancel', 'touchcancel', false],
  ] as const) {
    document.addEventListener(kind, (event) => {
      if (kind === 'pointermove' && event.buttons === 0) return
      send(event.target, name, {}, { bubbles: true, fields: touches(event, down) })
    })
  }
}

function isDisabled(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[aria-disabled=true], :disabled') !== null
}

/** `touches` as WeChat gives them; on a canvas `x` and `y` count from its corner. */
function touches(event: MouseEvent, down: boolean): Record<string, unknown> {
  const box = event.target instanceof HTMLCanvasElement ? event.target.getBoundingClientRect() : null
  const touch = {
    identifier: 0,
    clientX: event.clientX,
    clientY: event.clientY,
    pageX: event.pageX,
    pageY: event.pageY,
    ...(box && { x: event.clientX - box.left, y: event.clientY - box.top }),
  }
  return { touches: down ? [touch] : [], changedTouches: [touch] }
}
