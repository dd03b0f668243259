/** Idempotency keys: whatever is sent again because no answer came carries the same key again. */

import { forget, keep, recall } from './storage'

interface Kept {
  key: string
  body: string
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'
const LENGTH = 24

/** The key of a form, kept on the phone until the service answers; another content gets its own. */
export function keyOf(form: string, body: unknown): string {
  const text = JSON.stringify(body ?? null)
  const kept = recall<Kept>(name(form))
  if (kept !== null && kept.body === text) return kept.key
  const key = Array.from({ length: LENGTH }, letter).join('')
  keep(name(form), { key, body: text })
  return key
}

/** The service answered: the next time is another one. */
export function answered(form: string): void {
  forget(name(form))
}

const name = (form: string): string => `key:${form}`

const letter = (): string => LETTERS[Math.floor(Math.random() * LETTERS.length)] ?? 'a'
