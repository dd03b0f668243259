/** A plan as a member reads it. */

import { FOLDED_FROM } from '../../lib/fold'
import type { PlanToAnswer } from '../../lib/types'
import { daysCovered, deductible, left, points } from '../../lib/words'

export interface Shown extends PlanToAnswer {
  period: string
  covers: string[]
  excludes: string[]
  pledges: string[]
  deductible: string
  remains: number
  left: string
  votes_words: string
  mine: string
  mine_mark: string
  fingerprint: string
  folded: boolean
}

const MINE: Record<string, string> = {
  approve: '您已表示同意，达到多数前可以修改。',
  refuse: '您已表示不同意，达到多数前可以修改。',
}

export function shown(plan: PlanToAnswer, present: number): Shown {
  const { approve, refuse, members, needed } = plan.tally
  const rest = plan.due ? left(plan.due, present) : null
  return {
    ...plan,
    period: daysCovered(plan.terms.cover_from, plan.terms.cover_last_day),
    covers: points(plan.terms.scope_of_cover),
    excludes: points(plan.terms.exclusions),
    pledges: points(plan.terms.service_commitments),
    deductible: deductible(plan.terms.deductible_fen),
    remains: plan.available_fen - plan.premium_fen,
    left: rest && !rest.over ? rest.text : '',
    votes_words: `同意 ${approve} 人，不同意 ${refuse} 人；在任 ${members} 人，满 ${needed} 人即定。`,
    mine: MINE[plan.my_answer ?? ''] ?? '',
    mine_mark: plan.my_answer === 'approve' ? 'good' : 'none',
    fingerprint: plan.content_hash.slice(0, 12),
    folded: plan.lifts.length >= FOLDED_FROM,
  }
}
