/** From the service's answer to what the lift page shows. All sentences come from the service. */

import type { Lift, LiftNotice } from '../../lib/types'
import { dated, dayEnds, daysCovered, yuan } from '../../lib/words'

interface Row {
  label: string
  value: string
}

interface Term {
  name: string
  text: string
}

/** The lift's place, as people of the house say it. */
export const placeOf = ({ lift }: Lift): string => `${lift.building}${lift.unit}${lift.name}`

export function viewOf(seen: Lift): Record<string, unknown> {
  const { lift, cover } = seen
  return {
    place: placeOf(seen),
    estate: lift.estate,
    tone: cover ? 'good' : seen.upcoming ? 'wait' : 'none',
    headline: seen.headline,
    payer: seen.payer,
    objectBy: seen.object_by ?? '',
    objectTo: firstOpen(seen)?.number ?? '',
    whole: `${lift.estate}${placeOf(seen)}，${lift.address}，注册代码 ${lift.registration_code}`,
    meaning: seen.meaning,
    emergency: seen.emergency,
    covered: cover !== null,
    insurer: cover && { name: cover.insurer, phone: cover.insurer_phone },
    coverRows: coverRows(seen),
    terms: (cover?.words ?? []).map(term),
    notices: seen.notices.map(noticeView),
    maintainer: { name: lift.maintainer, phone: lift.maintainer_phone },
    careRows: careRows(seen),
    funding: seen.funding,
    history: seen.history.map((past) => ({
      ...past,
      id: past.kind + past.starts_on + (past.number ?? ''),
      kindName: past.kind === 'cover' ? '保险' : '公示',
      period: `${dated(past.starts_on)} — ${dayEnds(past.last_day)}`,
    })),
    centre: seen.centre,
  }
}

function coverRows({ cover, upcoming }: Lift): Row[] {
  const period = cover ?? upcoming
  if (!period) return []
  return rows([
    ['保险机构', period.insurer],
    ['开始', `${dated(period.starts_on)}0:00`],
    ['结束', dayEnds(period.last_day)],
    ['保单号', cover?.policy_number && grouped(cover.policy_number)],
  ])
}

function careRows({ lift }: Lift): Row[] {
  return rows([
    ['维保单位', lift.maintainer ?? '还没有登记'],
    ['下次检验', lift.next_inspection_on ? dated(lift.next_inspection_on) : '还没有登记'],
    ['安装日期', dated(lift.installed_on)],
    ['注册代码', lift.registration_code],
    ['地址', lift.address],
  ])
}

/** The notice that ends first of those that may be objected to. */
const firstOpen = ({ notices }: Lift): LiftNotice | undefined =>
  notices
    .filter(({ open_to_objections }) => open_to_objections)
    .sort((one, other) => Date.parse(one.ends_before) - Date.parse(other.ends_before))[0]

/** "保什么：曳引系统。" → its name above, its text below. */
function term(words: string): Term {
  const [, name = '', text = words] = /^([^：。，]{2,8})：([\s\S]+)$/.exec(words) ?? []
  return { name, text }
}

function noticeView(notice: LiftNotice): Record<string, unknown> {
  const { plan, objections } = notice
  return {
    number: notice.number,
    heading: notice.state === 'suspended' ? '投保方案暂缓实施' : '投保方案正在公示',
    stateName: notice.state_name,
    stopped: notice.state === 'suspended' ? '已暂停计时' : '',
    ends: notice.ends_before,
    howLong: notice.how_long,
    explanation: notice.explanation,
    open: notice.open_to_objections,
    planWords: `拟由${plan.insurer}承保，${daysCovered(plan.terms.cover_from, plan.terms.cover_last_day)}。`,
    premium: yuan(plan.lift_premium_fen),
    limit: yuan(plan.terms.sum_insured_fen),
    objections: objections.length ? `已收到异议 ${objections.length} 件` : '还没有人提出异议',
  }
}

/** A long number in groups of four, as on a bank card; one with signs of its own stays as it is. */
const grouped = (number: string): string =>
  /^\w{12,}$/.test(number) ? number.replace(/(.{4})(?=.)/g, '$1 ') : number

function rows(all: [string, string | null | undefined][]): Row[] {
  return all.flatMap(([label, value]) => (value ? [{ label, value }] : []))
}
