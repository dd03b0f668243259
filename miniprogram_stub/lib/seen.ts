/** What was seen last, for when there is no network. */

import { now } from './clock'
import { forget, keep, recall } from './storage'

export interface Kept {
  value: unknown
  at: string
}

const LIST = 'seen'
const MOST = 24

/** Keep what was read from `path`; the oldest copies make room. */
export function keepSeen(path: string, value: unknown): void {
  keep(name(path), { value, at: new Date(now()).toISOString() })
  const paths = [path, ...list().filter((other) => other !== path)]
  paths.slice(MOST).forEach((old) => forget(name(old)))
  keep(LIST, paths.slice(0, MOST))
}

export const seen = (path: string): Kept | null => recall<Kept>(name(path))

/** There is nothing at this path any more, or it is not for this person. */
export function forgetSeen(path: string): void {
  forget(name(path))
  keep(LIST, list().filter((other) => other !== path))
}

/** The person leaves: nothing stays on the phone. */
export function forgetAllSeen(): void {
  list().forEach((path) => forget(name(path)))
  forget(LIST)
}

const list = (): string[] => recall<string[]>(LIST) ?? []

const name = (path: string): string => `seen:${path}`
