// Tags that show something.
import { send } from '../easel'
import { allowed } from '../addresses'
import { tag } from './define'

export const view = tag({})

export const text = tag({
  properties: { selectable: Boolean, userSelect: Boolean, space: String, decode: Boolean },
})

export const image = tag<HTMLImageElement>({
  properties: {
    src: String,
    mode: { type: String, value: 'scaleToFill' },
    lazyLoad: Boolean,
    showMenuByLongpress: Boolean,
    webp: Boolean,
  },
  attach(element) {
    element.addEventListener('load', () =>
      send(element, 'load', { width: element.naturalWidth, height: element.naturalHeight }),
    )
    element.addEventListener('error', () => send(element, 'error', { errMsg: 'image:fail' }))
  },
  show(element, data) {
    element.alt = String(data.ariaLabel ?? '')
    element.dataset.mode = String(data.mode)
    const address = data.src ? allowed(String(data.src)) : ''
    if (!address) element.removeAttribute('src')
    else if (element.getAttribute('src') !== address) element.src = address
  },
})

export const scrollView = tag({
  properties: {
    scrollX: Boolean,
    scrollY: Boolean,
    scrollTop: Number,
    scrollLeft: Number,
    scrollIntoView: String,
    scrollWithAnimation: Boolean,
    enhanced: Boolean,
    showScrollbar: { type: Boolean, value: true },
    enableFlex: Boolean,
    type: String,
  },
  attach(element) {
    element.addEventListener('scroll', () =>
      send(element, 'scroll', { scrollTop: element.scrollTop, scrollLeft: element.scrollLeft }),
    )
  },
  show(element, data) {
    element.style.overflowX = data.scrollX ? 'auto' : 'hidden'
    element.style.overflowY = data.scrollY ? 'auto' : 'hidden'
    if (!data.ariaRole && !data.role) element.setAttribute('role', 'region')
    if (!data.ariaLabel) element.setAttribute('aria-label', '可以滑动的内容')
    element.tabIndex = 0
    if (data.scrollTop) element.scrollTop = Number(data.scrollTop)
    if (data.scrollLeft) element.scrollLeft = Number(data.scrollLeft)
  },
})

export const canvas = tag<HTMLCanvasElement>({
  properties: { type: String, canvasId: String, disableScroll: Boolean },
  attach(element) {
    // A finger draws here; the page stays where it is.
    element.style.touchAction = 'none'
    element.addEventListener('pointerdown', (event) => element.setPointerCapture?.(event.pointerId))
  },
  show(element, data) {
    if (data.type !== '2d') throw new Error('<canvas> needs type="2d"')
    if (data.ariaLabel && !data.ariaRole && !data.role) element.setAttribute('role', 'img')
  },
})
