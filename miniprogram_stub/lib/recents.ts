/** The lifts that were looked at on this phone, newest first. */

import { keep, recall } from './storage'

interface Recent {
  token: string
  name: string
}

const NAME = 'recents'
const MOST = 5

export const recents = (): Recent[] => recall<Recent[]>(NAME) ?? []

export function remember(token: string, name: string): void {
  keep(NAME, [{ token, name }, ...others(token)].slice(0, MOST))
}

/** Its code is no good any more. */
export function dismiss(token: string): void {
  keep(NAME, others(token))
}

const others = (token: string): Recent[] => recents().filter((lift) => lift.token !== token)
