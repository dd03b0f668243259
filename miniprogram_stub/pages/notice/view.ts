/** From the service's answer to what the notice page shows: the frozen plan in full. */

import { picture } from '../../lib/address'
import { FOLDED_FROM } from '../../lib/fold'
import type { NoticeContent, NoticePhoto, NoticeText, PublicObjection } from '../../lib/types'
import { dated, dayEnds, deductible, moment, points } from '../../lib/words'

const STOPPED = '有书面异议，已暂停计时'

export function viewOf(notice: NoticeText, present: number): Record<string, unknown> {
  const content = notice.content as unknown as NoticeContent
  const shots = notice.photos.length
  return {
    contents: contentsOf(content, notice),
    folds: {
      lifts: content.lifts.length >= FOLDED_FROM,
      photos: shots >= FOLDED_FROM,
      objections: notice.objections.length >= FOLDED_FROM,
    },
    shots,
    deductible: deductible(content.cover.deductible_fen),
    id: notice.id,
    title: content.title,
    number: notice.number,
    stateName: notice.state_name,
    open: notice.open_to_objections,
    ends: notice.ends_before,
    stopped: notice.state === 'suspended' ? STOPPED : '',
    howLong: notice.how_long,
    explanation: notice.explanation,
    provisional: notice.provisional,
    period: `${dated(notice.starts_on)} — ${dayEnds(notice.ends_on)}`,
    estate: content.estate,
    lifts: content.lifts.map((lift) => ({ ...lift, installed: dated(lift.installed_on) })),
    route: content.route,
    account: content.account,
    share: shareOf(content),
    insurer: content.insurer,
    vote: content.vote ?? [],
    cover: content.cover,
    scope_of_cover: points(content.cover.scope_of_cover),
    exclusions: points(content.cover.exclusions),
    service_commitments: points(content.cover.service_commitments),
    gone: notice.photos_taken_down,
    places: photosOf(content, notice.photos, present),
    counts: countsOf(notice),
    objections: notice.objections.map(objectionView),
    howToObject: content.how_to_object,
    privacy: content.privacy,
    centre: notice.centre,
  }
}

/** What is further down, and how much of it. */
function contentsOf({ lifts }: NoticeContent, { photos, objection_counts }: NoticeText): object[] {
  return [
    { at: 'money', name: '花多少钱' },
    { at: 'cover', name: '保什么' },
    { at: 'lifts', name: `电梯 ${lifts.length} 台` },
    { at: 'photos', name: `照片 ${photos.length} 张` },
    { at: 'objections', name: `异议 ${objection_counts.total} 件` },
    { at: 'how', name: '怎么提异议' },
  ]
}

/** How much of the account this plan uses, in whole percent, for the bar. */
function shareOf({ account }: NoticeContent): number {
  if (account.available_fen <= 0) return 100
  return Math.min(100, Math.round((account.used_fen / account.available_fen) * 100))
}

function countsOf({ objection_counts: { total, open } }: NoticeText): string {
  if (total === 0) return '目前还没有人提出异议。'
  return open === 0 ? `共 ${total} 件，都已处理。` : `共 ${total} 件，其中 ${open} 件在处理。`
}

/** Each place with its photos; a place without any says so. */
function photosOf(content: NoticeContent, photos: NoticePhoto[], present: number): object[] {
  const places = [...new Set([...content.places, ...photos.map(({ place }) => place)])]
  return places.map((place) => ({
    place,
    photos: photos
      .filter((photo) => photo.place === place)
      .map((photo) => ({
        // One picture may have been handed in twice: its address alone names none of them.
        key: photo.moment + photo.framing + photo.url,
        url: picture(photo.url),
        words: photo.words,
        caption: `${photo.moment === 'start' ? '开始时' : '结束时'}${photo.framing === 'wide' ? '远景' : '近景'}`,
        time: moment(photo.captured_at, present),
      })),
  }))
}

const objectionView = (objection: PublicObjection): object => ({
  ...objection,
  tone: objection.answer ? 'good' : 'wait',
})
