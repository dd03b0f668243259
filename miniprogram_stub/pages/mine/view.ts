/** What the page shows of a person's parts, in words. */

import type { GivenAnswers, JointApplications, Me, OwnVerifications } from '../../lib/types'
import type { OwnObjections, Subscriptions, Todos } from '../../lib/types'
import { moment, progressOf } from '../../lib/words'

export interface Loaded {
  me: Me
  verifications: OwnVerifications
  joint: JointApplications
  objections: OwnObjections
  answers: GivenAnswers
  subscriptions: Subscriptions
  todos: Todos
}

export function shape(loaded: Loaded, present: number): Record<string, unknown> {
  const { me, verifications, joint, objections, answers, subscriptions, todos } = loaded
  return {
    homes: me.homes.map(({ owner_id, estate, building, unit, room }) => ({
      id: owner_id,
      place: `${estate} ${building}${unit} ${room}`,
    })),
    seats: me.seats.map(({ estate, position }) => `${estate}业委会 ${position}`),
    /** Where this person may apply as an owner or for the committee. */
    estates: once([...me.homes, ...me.seats]),
    manages: me.grants.some(({ role }) => role === 'property_manager'),
    /** Whoever holds a granted role has a desk on the PC. */
    desk: me.grants.length > 0,
    phone: me.phone_masked ?? '',
    phoneVerified: me.phone_verified,
    verifications: verifications.items
      .filter(({ state }) => state !== 'verified')
      .map((verification) => ({ ...verification, mark: verification.state === 'open' ? 'wait' : 'none' })),
    cases: todos.items.map((todo, index) => ({
      ...todo,
      key: `${todo.purchase_id}-${index}`,
      told: todo.mine ? '等您办' : todo.who ? `等${todo.who}办` : '等着',
    })),
    joint: joint.items.map((item) => ({
      ...item,
      progress: progressOf(item.signed),
      signedAt: item.signed.signed_at ? `您已于 ${moment(item.signed.signed_at, present)} 联名` : '',
    })),
    objections: objections.items.map((row) => ({
      ...row,
      received: moment(row.received_at, present),
      mark: row.status === 'verified' ? 'good' : 'none',
      told: row.answer && row.status === 'verified' ? '已答复' : row.status_name,
    })),
    answers: answers.items.map((row) => ({
      ...row,
      mark: row.answer === 'approve' ? 'good' : 'none',
      when: `${moment(row.answered_at, present)} 在${row.medium}`,
    })),
    templates: subscriptions.templates.map((template) => ({
      ...template,
      left: template.quota > 0 ? `还能收到 ${template.quota} 条` : '现在收不到',
    })),
    follows: subscriptions.follows,
  }
}

const once = (places: { estate_id: string; estate: string }[]): { id: string; name: string }[] =>
  [...new Map(places.map(({ estate_id, estate }) => [estate_id, estate]))].map(([id, name]) => ({ id, name }))
