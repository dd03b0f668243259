/** What the page shows of a person's parts, in words. */

import type { GivenAnswers, JointApplications, Me, OwnVerifications } from '../../lib/types'
import type { OwnObjections, Subscriptions } from '../../lib/types'
import { moment } from '../../lib/words'

export interface Loaded {
  me: Me
  verifications: OwnVerifications
  joint: JointApplications
  objections: OwnObjections
  answers: GivenAnswers
  subscriptions: Subscriptions
}

export function shape(loaded: Loaded, present: number): Record<string, unknown> {
  const { me, verifications, joint, objections, answers, subscriptions } = loaded
  return {
    homes: me.homes.map(({ estate, building, unit, room }) => `${estate} ${building}${unit} ${room}`),
    seats: me.seats.map(({ estate, position }) => `${estate}业委会 ${position}`),
    manages: me.grants.some(({ role }) => role === 'property_manager'),
    phone: me.phone_masked ?? '',
    phoneVerified: me.phone_verified,
    verifications: verifications.items
      .filter(({ state }) => state !== 'verified')
      .map((verification) => ({ ...verification, mark: verification.state === 'open' ? 'wait' : 'none' })),
    joint: joint.items.map((item) => ({
      ...item,
      progress: `已有 ${item.cosigners} 位业主联名，满 ${item.needed} 位可以提交`,
      signed: item.signed_at ? `您已于 ${moment(item.signed_at, present)} 联名` : '',
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
