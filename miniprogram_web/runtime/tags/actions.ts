// Tags that do something when tapped.
import { send, type GeneralComponent } from '../easel'
import type { Dict } from '../parts'
import { navigate } from '../pages'
import { choose } from '../shell'
import { askPhoneNumber } from '../wx/people'
import { share } from '../menu'
import { tag, valueOf } from './define'

export const button = tag({
  properties: {
    type: String,
    size: String,
    plain: Boolean,
    disabled: Boolean,
    loading: Boolean,
    formType: String,
    openType: String,
    lang: String,
  },
  attach(element, component) {
    element.addEventListener('click', () => {
      const data = component.data as Dict
      if (data.disabled) return
      // After the tap itself, as in WeChat.
      queueMicrotask(() => void press(element, data))
    })
  },
  show(element, data) {
    if (!data.ariaRole && !data.role) element.setAttribute('role', 'button')
    element.tabIndex = data.disabled ? -1 : 0
    setOrRemove(element, 'aria-disabled', Boolean(data.disabled))
    setOrRemove(element, 'aria-busy', Boolean(data.loading))
    for (const name of ['type', 'size', 'plain']) {
      element.setAttribute(name, String(data[name] || ''))
    }
  },
})

async function press(element: HTMLElement, data: Dict): Promise<void> {
  if (data.formType) {
    element.closest('wx-form')?.dispatchEvent(new CustomEvent(`form-${String(data.formType)}`))
  }
  switch (data.openType || '') {
    case '':
      return
    case 'getPhoneNumber':
      send(element, 'getphonenumber', await askPhoneNumber())
      return
    case 'share':
      await share('button', element)
      return
    default:
      throw new Error(`<button open-type="${String(data.openType)}"> is not shimmed`)
  }
}

function setOrRemove(element: HTMLElement, attribute: string, on: boolean): void {
  if (on) element.setAttribute(attribute, 'true')
  else element.removeAttribute(attribute)
}

export const form = tag({
  properties: { reportSubmit: Boolean },
  attach(element) {
    element.addEventListener('form-submit', () => {
      const value: Dict = {}
      for (const field of element.querySelectorAll('[name]')) {
        value[field.getAttribute('name') ?? ''] = valueOf(field)
      }
      send(element, 'submit', { value })
    })
    element.addEventListener('form-reset', () => send(element, 'reset', {}))
  },
})

export const navigator = tag({
  properties: {
    url: String,
    openType: { type: String, value: 'navigate' },
    delta: { type: Number, value: 1 },
  },
  attach(element, component) {
    element.addEventListener('click', () => {
      const { url, openType, delta } = component.data as Dict
      navigate(String(openType), String(url), Number(delta))
    })
  },
  show(element, data) {
    if (!data.ariaRole && !data.role) element.setAttribute('role', 'link')
    element.tabIndex = 0
  },
})

export const picker = tag({
  properties: {
    mode: { type: String, value: 'selector' },
    range: Array,
    rangeKey: String,
    value: null,
    start: String,
    end: String,
    fields: String,
    disabled: Boolean,
    name: String,
    headerText: String,
  },
  attach(element, component) {
    element.addEventListener('click', () => void pick(element, component))
  },
  show(element, data) {
    if (!data.ariaRole && !data.role) element.setAttribute('role', 'button')
    element.setAttribute('aria-haspopup', 'dialog')
    element.tabIndex = data.disabled ? -1 : 0
    setOrRemove(element, 'aria-disabled', Boolean(data.disabled))
    if (data.name) element.setAttribute('name', String(data.name))
    element.dataset.value = String(data.value ?? '')
  },
  value: (element) => element.dataset.value,
})

async function pick(element: HTMLElement, component: GeneralComponent): Promise<void> {
  const data = component.data as Dict
  if (data.disabled) return
  const value = await choose({
    title: String(data.headerText || data.ariaLabel || '请选择'),
    mode: String(data.mode),
    value: String(data.value ?? ''),
    options: (data.range as unknown[]).map((item) =>
      String(data.rangeKey ? (item as Dict)[String(data.rangeKey)] : item),
    ),
    start: String(data.start || ''),
    end: String(data.end || ''),
  })
  if (value === null) {
    send(element, 'cancel', {})
    return
  }
  component.setData({ value } as never)
  send(element, 'change', { value })
}
