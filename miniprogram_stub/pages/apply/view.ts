/** What an application chooses from. */

import type { Choice } from '../../lib/choices'
import type { Accounts, EstateForecast, EstateLift, EstateLifts, Insurers, Way } from '../../lib/types'
import { accountName, dated, dayEnds, yuan } from '../../lib/words'

type Account = Accounts['items'][number]

export interface LiftChoice {
  id: string
  name: string
  note: string
  chosen: boolean
}

export const wayChoices = (ways: Way[]): Choice[] =>
  ways.map(({ route, applicant, name, words }) => ({ key: `${route}:${applicant}`, name, note: words }))

export const accountChoices = (accounts: Account[]): Choice[] =>
  accounts.map((account) => ({
    key: account.id,
    name: accountName(account),
    note: `现在能用 ${yuan(account.available_fen)}，账号 ${account.number}`,
  }))

/** What the account can insure and when; empty where nothing is reckoned for it. */
export const outlookOf = (forecast: EstateForecast | null, id: string): string =>
  forecast?.accounts.find(({ account_id }) => account_id === id)?.words ?? ''

/** Only insurers that the city has selected can be applied for. */
export const insurerChoices = ({ items }: Insurers): Choice[] =>
  items
    .filter(({ selected }) => selected)
    .map(({ id, name, selected_until }) => ({
      key: id,
      name,
      note: selected_until ? `遴选有效至${dated(selected_until)}` : '已通过遴选',
    }))

/** The account that pays for the lift which was scanned; without one the only one there is. */
export function accountOf(
  accounts: Account[],
  { items }: EstateLifts,
  scanned: string | null,
): Account | undefined {
  const lift = items.find(({ id }) => id === scanned)
  if (lift) return accounts.find((account) => isBehind(lift, account))
  return accounts.length === 1 ? accounts[0] : undefined
}

/** The lifts behind the account. */
export const liftChoices = ({ items }: EstateLifts, account: Account): LiftChoice[] =>
  items.filter((lift) => isBehind(lift, account)).map((lift) => choiceOf(lift, null))

/** Chosen at first are lifts without cover and without a case; of a scanned one that one alone. */
const choiceOf = (lift: EstateLift, scanned: string | null): LiftChoice => ({
  id: lift.id,
  name: `${lift.building}${lift.unit} ${lift.name}`,
  note: lift.registration_code + already(lift),
  chosen: lift.covered_until === null && lift.open_case === null && (scanned === null || scanned === lift.id),
})

/** The lifts that a way names itself, where no account does. */
export const ownLifts = ({ items }: EstateLifts, { lift_ids }: Way, scanned: string | null): LiftChoice[] =>
  items.filter(({ id }) => lift_ids.includes(id)).map((lift) => choiceOf(lift, scanned))

function already({ covered_until, open_case }: EstateLift): string {
  if (open_case) return `，已在申请 ${open_case} 里办理`
  return covered_until ? `，已保到${dayEnds(covered_until)}` : ''
}

/** A lift that serves several units names them all: 1单元、2单元. */
const isBehind = (lift: EstateLift, account: Account): boolean =>
  lift.building === account.building &&
  (account.unit === null || lift.unit.split('、').includes(account.unit))
