/** What is wrong with a form, listed at its top: people see at once that there is something to do. */

import { Problem } from './http'

export interface Fault {
  field: string
  text: string
}

/** The bar at the top of the page covers this much of what is scrolled to, in pixels. */
const BAR = -110

/** The fields with something wrong, in the order of the form. */
export const faultsIn = (wrong: object): Fault[] =>
  Object.entries(wrong as Record<string, string>).flatMap(([field, text]) =>
    text ? [{ field, text }] : [],
  )

/** Of a refusal, what it says of each of these fields; `names` maps the service's names to ours. */
export function faultsOf(error: unknown, names: Record<string, string>): Record<string, string> {
  if (!(error instanceof Problem)) return {}
  const known = error.all.flatMap(({ field, message }) => {
    const name = names[(field ?? '').split('.')[0] ?? '']
    return name ? [[name, message] as const] : []
  })
  return Object.fromEntries(known)
}

/** Bring the list of what is wrong before the reader's eyes; it must be on the page already. */
export function leadToFaults(): void {
  wx.pageScrollTo({ selector: '.faults', offsetTop: BAR, duration: 0 })
}

/** Bring one field before the reader's eyes. */
export function leadToField(field: string): void {
  wx.pageScrollTo({ selector: `.field-${field}`, offsetTop: BAR, duration: 0 })
}
