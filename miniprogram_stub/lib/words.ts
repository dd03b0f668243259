/** Money, dates and times as people read them. Times are Beijing's, whatever the phone is set to. */

const BEIJING_MS = 8 * 3600_000
const MINUTE_MS = 60_000

/** 790740 → "7,907.40", 790700 → "7,907": whole yuan without decimals, as the service writes them. */
export function amount(fen: number): string {
  const whole = Math.floor(Math.abs(fen) / 100)
  const cents = String(Math.abs(fen) % 100).padStart(2, '0')
  const grouped = String(whole).replace(/\B(?=(\d{3})+$)/g, ',')
  return `${fen < 0 ? '-' : ''}${grouped}${cents === '00' ? '' : `.${cents}`}`
}

/** 790740 → "7,907.40元". */
export const yuan = (fen: number): string => `${amount(fen)}元`

/** What people pay themselves each time, beside its name. */
export const deductible = (fen: number): string => (fen === 0 ? '没有' : yuan(fen))

/** A pooled account among those of its estate, whose name each of them repeats: “2栋1单元统筹账户”;
    one of the whole city by its own name. */
export const accountName = (account: { name: string; building: string; unit: string | null }): string =>
  account.building ? `${account.building}${account.unit ?? ''}统筹账户` : account.name

/** "2026-11-21" → "2026年11月21日". */
export function dated(day: string): string {
  const [year, month, date] = day.split('-').map(Number)
  return `${year}年${month}月${date}日`
}

/** The end of a last day: "2026-03-31" → "2026年3月31日24:00". */
export const dayEnds = (last: string): string => `${dated(last)}24:00`

/** From the first day to the end of the last: "2025年4月1日0:00至2026年3月31日24:00". */
export const daysCovered = (first: string, last: string): string =>
  `${dated(first)}0:00至${dayEnds(last)}`

/** A moment → "11月21日 15:04", with the year when it is not the present one. */
export function moment(iso: string, present: number): string {
  const time = beijing(Date.parse(iso))
  const year = time.getUTCFullYear()
  const shown = year === beijing(present).getUTCFullYear() ? '' : `${year}年`
  return `${shown}${time.getUTCMonth() + 1}月${time.getUTCDate()}日 ${clock(time)}`
}

/** The last moment before midnight is written 24:00 of the day that ends, as the service does. */
export function lastMoment(iso: string): string {
  const end = beijing(Date.parse(iso))
  const atMidnight = end.getUTCHours() === 0 && end.getUTCMinutes() === 0
  const day = new Date(end.getTime() - (atMidnight ? 1 : 0))
  const weekday = `（周${'日一二三四五六'.charAt(day.getUTCDay())}）`
  const date = `${day.getUTCFullYear()}年${day.getUTCMonth() + 1}月${day.getUTCDate()}日${weekday}`
  return `${date}${atMidnight ? '24:00' : clock(end)}`
}

export interface Left {
  days: number
  hours: number
  minutes: number
  over: boolean
  text: string
}

/** How long it is until `iso`. */
export function left(iso: string, present: number): Left {
  const all = Math.max(0, Math.ceil((Date.parse(iso) - present) / MINUTE_MS))
  const days = Math.floor(all / 1440)
  const hours = Math.floor((all % 1440) / 60)
  const minutes = all % 60
  return { days, hours, minutes, over: all === 0, text: leftText(days, hours, minutes) }
}

function leftText(days: number, hours: number, minutes: number): string {
  if (days > 0) return `还有${days}天 ${hours}小时`
  if (hours > 0) return `还有${hours}小时 ${minutes}分钟`
  return minutes > 0 ? `还有${minutes}分钟` : '已经结束'
}

/** A text of several lines or sentences separated by ；or line breaks → its parts. */
export const points = (text: string | null): string[] =>
  (text ?? '')
    .split(/[\n；;]+/)
    .map((part) => part.trim().replace(/。$/, ''))
    .filter(Boolean)

/** The date in Beijing, as the service writes it. */
export const today = (present: number): string => beijing(present).toISOString().slice(0, 10)

const beijing = (ms: number): Date => new Date(ms + BEIJING_MS)

const clock = (time: Date): string =>
  [time.getUTCHours(), time.getUTCMinutes()].map((n) => String(n).padStart(2, '0')).join(':')

/** How the signing of an application by owners stands. */
export const progressOf = ({ cosigners, needed }: { cosigners: number; needed: number }): string =>
  cosigners < needed
    ? `已有 ${cosigners} 位业主联名，还差 ${needed - cosigners} 位（满 ${needed} 位可以提交）`
    : `已有 ${cosigners} 位业主联名，可以提交了（满 ${needed} 位）`

/** The invitation to sign, as a card in a chat. */
export const jointTitle = (estate: string): string => `请您联名：给${estate}的电梯申请维修保险`

export const jointPath = (id: string): string => `/pages/joint/joint?case=${id}`

/** "5,200.50" as somebody types it → 520050 fen; 0 for what is no sum of money. */
export function fenOf(typed: string): number {
  const plain = typed.replace(/[,，\s元]/g, '')
  const match = /^(\d{1,9})(?:[.．](\d{1,2}))?$/.exec(plain)
  return match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : 0
}
