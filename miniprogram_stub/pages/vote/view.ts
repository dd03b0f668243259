/** A vote of the owners as one of them reads it. */

import type { MyVote } from '../../lib/types'
import { daysCovered, deductible, left, points } from '../../lib/words'

export const CHOICES = [
  { choice: 'agree', name: '同意' },
  { choice: 'refuse', name: '不同意' },
  { choice: 'abstain', name: '弃权' },
]

export interface Shown extends MyVote {
  period: string
  covers: string[]
  excludes: string[]
  deductible: string
  left: string
  mine: string
  mine_mark: string
  mark: string
  places: string
  silent_places: string
}

export function shown(vote: MyVote, present: number): Shown {
  const rest = left(vote.closes_at, present)
  const how = vote.on_paper ? '（纸质票）' : ''
  return {
    ...vote,
    period: daysCovered(vote.terms.cover_from, vote.terms.cover_last_day),
    covers: points(vote.terms.scope_of_cover),
    excludes: points(vote.terms.exclusions),
    deductible: deductible(vote.terms.deductible_fen),
    left: vote.is_open && !rest.over ? rest.text : '',
    mine: vote.choice_name ? `您投的是：${vote.choice_name}${how}` : '',
    mine_mark: vote.choice === 'agree' ? 'good' : 'none',
    mark: vote.outcome === 'passed' ? 'good' : vote.outcome ? 'none' : 'wait',
    places: vote.flats.join('、'),
    silent_places: vote.choice_name ? vote.silent.join('、') : '',
  }
}
