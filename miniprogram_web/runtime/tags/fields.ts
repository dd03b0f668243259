// Tags that people fill in. Each is the browser's own control.
import { send, type GeneralComponent } from '../easel'
import type { Dict } from '../parts'
import { refer, tag, valueOf } from './define'

const TYPED = {
  value: String,
  name: String,
  placeholder: String,
  placeholderStyle: String,
  placeholderClass: String,
  disabled: Boolean,
  maxlength: { type: Number, value: 140 },
  focus: Boolean,
  autoFocus: Boolean,
  cursorSpacing: Number,
  cursor: Number,
  confirmType: String,
  confirmHold: Boolean,
  adjustPosition: { type: Boolean, value: true },
  holdKeyboard: Boolean,
  alwaysEmbed: Boolean,
}
const KEYBOARDS: Record<string, string> = {
  number: 'numeric',
  idcard: 'text',
  digit: 'decimal',
  tel: 'tel',
  text: 'text',
  nickname: 'text',
}

type Typed = HTMLInputElement | HTMLTextAreaElement

function attachTyped(element: Typed, component: GeneralComponent): void {
  const detail = () => ({ value: element.value, cursor: element.selectionStart ?? 0 })
  element.addEventListener('input', () => {
    component.setData({ value: element.value } as never)
    send(element, 'input', detail())
  })
  element.addEventListener('focus', () => send(element, 'focus', { ...detail(), height: 0 }))
  element.addEventListener('blur', () => send(element, 'blur', detail()))
}

function showTyped(element: Typed, data: Dict): void {
  const value = String(data.value ?? '')
  if (element.value !== value) element.value = value
  element.placeholder = String(data.placeholder ?? '')
  element.disabled = Boolean(data.disabled)
  if (Number(data.maxlength) >= 0) element.maxLength = Number(data.maxlength)
  else element.removeAttribute('maxlength')
  if (data.name) element.name = String(data.name)
  if (data.focus && element.isConnected && document.activeElement !== element) element.focus()
}

export const input = tag<HTMLInputElement>({
  properties: { ...TYPED, type: { type: String, value: 'text' }, password: Boolean },
  attach(element, component) {
    attachTyped(element, component)
    element.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.isComposing) send(element, 'confirm', { value: element.value })
    })
  },
  show(element, data) {
    const keyboard = KEYBOARDS[String(data.type)]
    if (!keyboard) throw new Error(`<input> has no type "${String(data.type)}"`)
    element.type = data.password ? 'password' : 'text'
    element.inputMode = keyboard
    showTyped(element, data)
  },
  value: (element) => element.value,
})

export const textarea = tag<HTMLTextAreaElement>({
  properties: {
    ...TYPED,
    autoHeight: Boolean,
    fixed: Boolean,
    showConfirmBar: { type: Boolean, value: true },
    disableDefaultPadding: Boolean,
  },
  attach: attachTyped,
  show(element, data) {
    element.toggleAttribute('auto-height', Boolean(data.autoHeight))
    showTyped(element, data)
  },
  value: (element) => element.value,
})

const CHECKED = { value: String, checked: Boolean, disabled: Boolean, color: String, name: String }

function showChecked(element: HTMLInputElement, data: Dict): void {
  element.checked = Boolean(data.checked)
  element.disabled = Boolean(data.disabled)
  if (data.color) element.style.accentColor = String(data.color)
}

function keepChecked(element: HTMLInputElement, component: GeneralComponent): void {
  element.addEventListener('change', () => {
    component.setData({ checked: element.checked } as never)
  })
}

export const checkbox = tag<HTMLInputElement>({
  properties: CHECKED,
  attach: keepChecked,
  show(element, data) {
    element.type = 'checkbox'
    element.value = String(data.value ?? '')
    showChecked(element, data)
  },
})

export const switchTag = tag<HTMLInputElement>({
  properties: { ...CHECKED, type: String },
  attach(element, component) {
    keepChecked(element, component)
    element.addEventListener('change', () => send(element, 'change', { value: element.checked }))
  },
  show(element, data) {
    element.type = 'checkbox'
    if (data.type !== 'checkbox') element.setAttribute('role', 'switch')
    if (data.name) element.name = String(data.name)
    showChecked(element, data)
  },
  value: (element) => element.checked,
})

export const radio = tag<HTMLInputElement>({
  properties: CHECKED,
  attach(element, component) {
    // A sibling's choice unchecks this one without an event of its own.
    const group = element.closest('[wx-tag=radio-group]')
    group?.addEventListener('change', () => {
      if ((component.data as Dict).checked !== element.checked) {
        component.setData({ checked: element.checked } as never)
      }
    })
    queueMicrotask(() => {
      const around = element.closest<HTMLElement>('[wx-tag=radio-group]')
      if (!around) throw new Error('<radio> needs a <radio-group> around it')
      around.dataset.group ||= `radios${++groups}`
      element.name = around.dataset.group
      if ((component.data as Dict).checked) element.checked = true
    })
  },
  show(element, data) {
    element.type = 'radio'
    element.value = String(data.value ?? '')
    showChecked(element, data)
  },
})

let groups = 0

export const checkboxGroup = tag({
  properties: { name: String },
  attach(element) {
    element.addEventListener('change', () => send(element, 'change', { value: valueOf(element) }))
  },
  show(element, data) {
    if (!data.ariaRole && !data.role) element.setAttribute('role', 'group')
    if (data.name) element.setAttribute('name', String(data.name))
  },
  value: (element) =>
    [...element.querySelectorAll<HTMLInputElement>('[wx-tag=checkbox]:checked')].map((box) => box.value),
})

export const radioGroup = tag({
  properties: { name: String },
  attach(element) {
    element.addEventListener('change', () => send(element, 'change', { value: valueOf(element) }))
  },
  show(element, data) {
    if (!data.ariaRole && !data.role) element.setAttribute('role', 'radiogroup')
    if (data.name) element.setAttribute('name', String(data.name))
  },
  value: (element) =>
    element.querySelector<HTMLInputElement>('[wx-tag=radio]:checked')?.value ?? '',
})

export const label = tag<HTMLLabelElement>({
  properties: { for: String },
  show(element, data, component) {
    if (data.for && element.isConnected) refer(element, 'for', String(data.for), component)
  },
})
