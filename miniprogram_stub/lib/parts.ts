/** Which parts this person has, as known since `GET /me` was read last: they decide the tabs. */

import { keep, recall } from './storage'

export interface Parts {
  committee: boolean
  manager: boolean
}

const NAME = 'parts'

export const parts = (): Parts => recall<Parts>(NAME) ?? { committee: false, manager: false }

/** Remember what `GET /me` said. */
export function keepParts(me: { seats: unknown[]; grants: { role: string }[] }): void {
  const manager = me.grants.some(({ role }) => role === 'property_manager')
  keep(NAME, { committee: me.seats.length > 0, manager })
}
