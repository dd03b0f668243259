/** A case as the applying side reads it. Which steps are open the service says; here is their page. */

import type { Doing, OwnCase, Todo } from '../../lib/types'
import { CHANGES } from '../change/view'
import { dated, moment, progressOf, yuan } from '../../lib/words'

type Doings = Record<string, Doing>

/** Steps that have a form on this page or a page of their own. */
const AT_HAND = [
  'apply',
  'cosign',
  'withdraw_cosignature',
  'rectify',
  'draft_notice',
  'post_notice',
  'photograph',
  'answer_plan',
  'sign_contract',
  'amend_contract',
  'add_invoice',
  'request_payment',
]

export function viewOf(found: OwnCase, present: number) {
  const doings: Doings = Object.fromEntries(found.doings.map((doing) => [doing.action, doing]))
  const notice = found.todos.find(({ notice_id }) => notice_id)
  return {
    ...found,
    can: Object.fromEntries(found.doings.map(({ action }) => [action, true])) as Record<string, boolean>,
    obstacles: {
      apply: doings['apply']?.obstacles ?? [],
      contract: doings['sign_contract']?.obstacles ?? [],
      payment: doings['request_payment']?.obstacles ?? [],
    },
    /** An owner who insures alone hands in the title instead of a form. */
    alone: found.applicant === 'independent_owner',
    toDeposit: found.deposit_fen ? yuan(found.deposit_fen) : '',
    /** Steps that this page has no form for, by name. */
    elsewhere: found.doings
      .filter(({ action }) => !AT_HAND.includes(action) && !(action in CHANGES))
      .map(({ name }) => name),
    changes: Object.entries(CHANGES)
      .filter(([step]) => step in doings && (step !== 'undo_draft_notice' || notice))
      .map(([step, { title }]) => ({ step, title })),
    noticeId: notice?.notice_id ?? '',
    mustDraft: 'draft_notice' in doings && !notice,
    mayPost: 'photograph' in doings && Boolean(notice),
    waits: found.todos.map(waitShown),
    mySignature: Boolean(found.signed?.can_withdraw),
    progress: progressIn(found, 'apply' in doings),
    enough: !doings['apply'] || doings['apply'].obstacles.length === 0,
    lifts: found.lifts.map((lift) => ({
      code: lift.registration_code,
      name: `${lift.building}${lift.unit} ${lift.name}`,
      premium: lift.premium_fen === null ? '' : yuan(lift.premium_fen),
    })),
    rows: rowsOf(found),
    next: found.next_start,
    happened: found.happened
      .map((step) => ({ ...step, when: moment(step.at, present), key: step.at + step.name }))
      .reverse(),
  }
}

export type View = ReturnType<typeof viewOf>

function progressIn({ signed }: OwnCase, open: boolean): string {
  if (!signed) return ''
  return open ? progressOf(signed) : `${signed.cosigners} 位业主联名`
}

const waitShown = (todo: Todo, index: number) => ({
  ...todo,
  key: `${todo.task}-${index}`,
  mark: todo.mine ? 'wait' : 'none',
  told: todo.mine ? '等您办' : todo.who ? `等${todo.who}办` : '等着就行',
  when: todo.due_words ? `${todo.due_words}，${todo.left_words}` : '',
})

function rowsOf(found: OwnCase): { label: string; value: string }[] {
  const { contract, invoice } = found
  const rows: [string, string | null][] = [
    ['申请人', found.applicant_name],
    ['付款账户', found.account && `${found.account}，账号 ${found.account_number}`],
    ['账户可用', found.account && yuan(found.available_fen)],
    ['本件已预留', found.held_fen > 0 ? yuan(found.held_fen) : null],
    ['保险机构', found.insurer],
    ['方案保费', found.premium_fen === null ? null : yuan(found.premium_fen)],
    ['应一次性缴存', found.deposit_fen ? yuan(found.deposit_fen) : null],
    ['合同', contract && `${contract.number}，${yuan(contract.premium_fen)}，${dated(contract.signed_on)}签订`],
    ['发票', invoice && `${invoice.number}，${yuan(invoice.amount_fen)}，${dated(invoice.issued_on)}开具`],
  ]
  return rows.flatMap(([label, value]) => (value ? [{ label, value }] : []))
}
