// The phone around a page: title bar, dialogs, toasts. All of it can be worked by keyboard.

export const shell = {
  bar: make('header', 'bar'),
  back: make('button', 'bar-back'),
  title: make('h1', 'bar-title'),
  menu: make('button', 'bar-menu'),
  screen: make('div', 'screen'),
  pages: make('main', 'pages'),
  layer: make('div', 'layer'),
  toast: make('div', 'toast'),
}

export function buildShell(): void {
  const { bar, back, title, menu, screen, pages, layer, toast } = shell
  back.textContent = '‹'
  back.setAttribute('aria-label', '返回')
  menu.textContent = '⋯'
  menu.setAttribute('aria-label', '更多')
  pages.tabIndex = 0
  pages.setAttribute('aria-label', '页面内容')
  toast.setAttribute('role', 'status')
  toast.hidden = true
  bar.append(back, title, menu)
  screen.append(pages)
  const phone = make('div', 'phone')
  phone.append(bar, screen, layer, toast)
  document.body.append(phone)
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  text = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text) element.textContent = text
  if (element instanceof HTMLButtonElement) element.type = 'button'
  return element
}

export type Choice<T> = { text: string; value: T; primary?: boolean }

/** When a person last tapped: the platform gives some calls only then. */
export let lastTap = -Infinity

export function watchTaps(): void {
  document.addEventListener('click', () => (lastTap = Date.now()), { capture: true })
}

let dialogs = 0

/**
 * A labelled dialog. `body` may hold controls of its own.
 * @returns the tapped choice's value, or null when it was closed with Escape
 */
export function ask<T>(
  title: string,
  body: string | Node,
  choices: Choice<T>[],
  opened?: (dialog: HTMLElement, close: (value: T | null) => void) => void,
): Promise<T | null> {
  const dialog = make('div', 'dialog')
  const heading = make('h2', 'dialog-title', title)
  heading.id = `dialog${++dialogs}`
  dialog.setAttribute('role', 'dialog')
  dialog.setAttribute('aria-modal', 'true')
  dialog.setAttribute('aria-labelledby', heading.id)
  dialog.tabIndex = -1
  const content = make('div', 'dialog-body')
  content.append(body)
  const buttons = make('div', 'dialog-buttons')
  dialog.append(heading, content, buttons)
  return new Promise((resolve) => {
    const before = document.activeElement
    const close = (value: T | null) => {
      dialog.remove()
      setInert(shell.layer.childElementCount > 0)
      if (before instanceof HTMLElement) before.focus()
      resolve(value)
    }
    for (const choice of choices) {
      const button = make('button', choice.primary ? 'primary' : '', choice.text)
      button.addEventListener('click', () => close(choice.value))
      buttons.append(button)
    }
    dialog.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') close(null)
    })
    shell.layer.append(dialog)
    setInert(true)
    opened?.(dialog, close)
    const first = dialog.querySelector<HTMLElement>('input, select, textarea, .primary')
    ;(first ?? dialog).focus()
  })
}

function setInert(inert: boolean): void {
  shell.bar.toggleAttribute('inert', inert)
  shell.screen.toggleAttribute('inert', inert)
}

/** Paragraphs for a dialog's body. */
export function lines(...texts: string[]): DocumentFragment {
  const fragment = document.createDocumentFragment()
  for (const text of texts) fragment.append(make('p', '', text))
  return fragment
}

/** A label around a control. */
export function labelled(text: string, control: HTMLElement): HTMLLabelElement {
  const label = make('label', 'dialog-field')
  label.append(make('span', '', text), control)
  return label
}

type Choosing = {
  title: string
  mode: string
  value: string
  options: string[]
  start: string
  end: string
}

/** What a picker opens. Resolves to an index as text, a date, a time, or null. */
export async function choose(wanted: Choosing): Promise<string | null> {
  const control = chooser(wanted)
  const done = await ask(wanted.title, labelled(wanted.title, control), [
    { text: '取消', value: false },
    { text: '确定', value: true, primary: true },
  ])
  return done && control.value !== '' ? control.value : null
}

function chooser({ mode, value, options, start, end }: Choosing): HTMLSelectElement | HTMLInputElement {
  if (mode === 'selector') {
    const select = make('select')
    options.forEach((text, index) => select.append(new Option(text, String(index))))
    select.value = options[Number(value)] === undefined ? '0' : String(Number(value))
    return select
  }
  if (mode !== 'date' && mode !== 'time') throw new Error(`<picker mode="${mode}"> is not shimmed`)
  const input = make('input')
  input.type = mode
  input.value = value
  input.min = start
  input.max = end
  return input
}

let hiding: ReturnType<typeof setTimeout> | undefined

/** Shows a toast for so many milliseconds; 0 leaves it there. */
export function showToast(text: string, milliseconds: number): void {
  clearTimeout(hiding)
  shell.toast.textContent = text
  shell.toast.hidden = false
  if (milliseconds) hiding = setTimeout(hideToast, milliseconds)
}

export function hideToast(): void {
  shell.toast.hidden = true
}
