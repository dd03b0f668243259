/** What an application chooses from. */

import type { Choice } from '../../lib/choices'
import type { Accounts, EstateLift, EstateLifts, Insurers } from '../../lib/types'
import { dated, yuan } from '../../lib/words'

type Account = Accounts['items'][number]

export interface LiftChoice {
  id: string
  name: string
  note: string
  chosen: boolean
}

export const accountChoices = ({ items }: Accounts): Choice[] =>
  items.map(({ id, name, available_fen }) => ({
    key: id,
    name,
    note: `现在能用 ${yuan(available_fen)}`,
  }))

/** Only insurers that the city has selected can be applied for. */
export const insurerChoices = ({ items }: Insurers): Choice[] =>
  items
    .filter(({ selected }) => selected)
    .map(({ id, name, selected_until }) => ({
      key: id,
      name,
      note: selected_until ? `遴选有效至${dated(selected_until)}` : '已通过遴选',
    }))

/** The lifts behind the account, all chosen at first except those that are covered already. */
export const liftChoices = ({ items }: EstateLifts, account: Account): LiftChoice[] =>
  items.filter((lift) => isBehind(lift, account)).map((lift) => ({
    id: lift.id,
    name: `${lift.building}${lift.unit} ${lift.name}`,
    note: lift.covered_until
      ? `${lift.registration_code}，已保到 ${dated(lift.covered_until)}`
      : lift.registration_code,
    chosen: lift.covered_until === null,
  }))

const isBehind = (lift: EstateLift, account: Account): boolean =>
  lift.building === account.building && (account.unit === null || lift.unit === account.unit)
