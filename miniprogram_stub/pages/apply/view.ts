/** What an application chooses from. */

import type { Choice } from '../../lib/choices'
import type { Accounts, EstateLift, EstateLifts, Insurers } from '../../lib/types'
import { accountName, dated, yuan } from '../../lib/words'

type Account = Accounts['items'][number]

export interface LiftChoice {
  id: string
  name: string
  note: string
  chosen: boolean
}

export const accountChoices = ({ items }: Accounts): Choice[] =>
  items.map((account) => ({
    key: account.id,
    name: accountName(account),
    note: `现在能用 ${yuan(account.available_fen)}，账号 ${account.number}`,
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

/** The lifts behind the account; chosen at first are those without cover and without a case. */
export const liftChoices = ({ items }: EstateLifts, account: Account): LiftChoice[] =>
  items.filter((lift) => isBehind(lift, account)).map((lift) => ({
    id: lift.id,
    name: `${lift.building}${lift.unit} ${lift.name}`,
    note: lift.registration_code + already(lift),
    chosen: lift.covered_until === null && lift.open_case === null,
  }))

function already({ covered_until, open_case }: EstateLift): string {
  if (open_case) return `，已在申请 ${open_case} 里办理`
  return covered_until ? `，已保到 ${dated(covered_until)}` : ''
}

const isBehind = (lift: EstateLift, account: Account): boolean =>
  lift.building === account.building && (account.unit === null || lift.unit === account.unit)
