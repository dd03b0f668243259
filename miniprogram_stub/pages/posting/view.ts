/** Which photos a notice has, place by place, and which it still needs. */

import type { PostingGuide } from '../../lib/types'
import { dated, moment, today } from '../../lib/words'

export interface Slot {
  key: string
  unit: string
  moment: 'start' | 'end'
  framing: 'wide' | 'close'
  label: string
  help: string
  done: string
  open: boolean
}

export interface PlaceShown {
  unit: string
  name: string
  poster: string
  slots: Slot[]
  lacking: number
}

const MOMENTS = [
  { moment: 'start', name: '开始' },
  { moment: 'end', name: '结束' },
] as const
const FRAMINGS = [
  { framing: 'wide', name: '远景', help: '退后几步，看得出贴在哪里，海报在中间' },
  { framing: 'close', name: '近景', help: '对准海报，文字和二维码看得清' },
] as const

const HEADINGS = {
  start: '张贴后，拍开始照片',
  end: '现在该拍结束照片',
}
/** What is told of a notice of which no photo is asked for now, by its state. */
const RESTING: Record<string, string> = {
  open: '公示已经开始',
  suspended: '有书面异议，公示暂缓',
  ended: '公示已经结束',
  void: '这次公示已经作废',
}
const endWords = (last: string): string =>
  `最后一天是${dated(last)}，当天或以后拍的结束照片才算。`
const startWords = (names: string[]): string =>
  `每处${names.map((name) => `一张${name}`).join('、')}。最后一张到齐，公示就开始计时。`

export function shape(posting: PostingGuide, present: number): Record<string, unknown> {
  const { notice, posters } = posting
  const now = asked(notice, present)
  const framings = FRAMINGS.filter(({ framing }) => posting.framings.includes(framing))
  const places = posting.places.map((place): PlaceShown => {
    const slots = MOMENTS.flatMap(({ moment: at, name }) =>
      framings.map(({ framing, name: distance, help }): Slot => {
        const photo = place[at][framing]
        return {
          key: `${place.unit_id}-${at}-${framing}`,
          unit: place.unit_id,
          moment: at,
          framing,
          label: `${name}${distance}`,
          help,
          done: photo ? moment(photo.captured_at, present) : '',
          open: at === now,
        }
      }),
    )
    const poster = posters.filter(({ unit_id }) => unit_id === place.unit_id).pop()
    return {
      unit: place.unit_id,
      name: place.name,
      poster: poster?.sha256 ?? '',
      slots,
      lacking: slots.filter((slot) => slot.open && !slot.done).length,
    }
  })
  const wanted = places.flatMap(({ slots }) => slots.filter(({ open }) => open))
  const have = wanted.filter(({ done }) => done).length
  const lacking = wanted.length - have
  return {
    notice,
    places: notice.state === 'void' ? [] : places,
    hint: posting.hint,
    now,
    heading: now ? HEADINGS[now] : RESTING[notice.state],
    words: wordsOf(notice, framings.map(({ name }) => name)),
    isVoid: notice.state === 'void',
    progress: lacking > 0 ? `已有 ${have} 张，还差 ${lacking} 张` : `${have} 张照片齐了`,
    percent: Math.round((100 * have) / Math.max(1, wanted.length)),
  }
}

function wordsOf({ state, ends_on }: PostingGuide['notice'], names: string[]): string {
  if (state === 'posting') return startWords(names)
  return state === 'open' && ends_on ? endWords(ends_on) : ''
}

/** Which photos are asked for now: at the start, at the end, or none in between. */
function asked({ state, ends_on }: PostingGuide['notice'], present: number): 'start' | 'end' | '' {
  if (state === 'posting') return 'start'
  return state === 'open' && ends_on !== null && today(present) >= ends_on ? 'end' : ''
}
