// The names we use of WeChat's component framework.
import { glassEasel } from 'glass-easel-miniprogram-adapter'

export const { addGlobalErrorListener, addGlobalWarningListener } = glassEasel
export type GeneralComponent = glassEasel.GeneralComponent
export { glassEasel }

type Bound = HTMLElement & { __wxElement?: glassEasel.Element }

/** The framework's element behind a DOM element or the nearest around it. */
export function elementOf(target: EventTarget | null): glassEasel.Element | null {
  let node = target instanceof Element ? (target as Bound) : null
  while (node && !node.__wxElement) node = node.parentElement as Bound | null
  return node?.__wxElement ?? null
}

/** Sends a page an event. `bubbles` as WeChat has it: taps and touches do, a field's own do not. */
export function send(
  target: EventTarget | null,
  name: string,
  detail: unknown,
  { bubbles = false, fields = {} }: { bubbles?: boolean; fields?: Record<string, unknown> } = {},
): void {
  const element = elementOf(target)
  if (!element) return
  glassEasel.Event.triggerEvent(element, name, detail, {
    bubbles,
    composed: bubbles,
    capturePhase: bubbles,
    extraFields: fields,
  })
}
