/** What every page does: dress for the reader's eyes, load, and say so when that fails. */

import { Problem } from './api'
import type { Seen } from './api'
import { now } from './clock'
import { elderSize } from './elder'
import { moment } from './words'

export type Phase = 'loading' | 'ready' | 'empty' | 'error'

export interface Trouble {
  title: string
  text: string
  /** Whether trying again may help. */
  again: boolean
}

/** The part of a page's data that `tb-state` shows. `kept`: when the shown copy was seen, or ''. */
export interface PageState {
  phase: Phase
  /** The size of the print, see `elder.ts`. */
  elder: number
  kept: string
  trouble: Trouble | null
}

interface Dressed {
  data: PageState
  setData(data: Record<string, unknown>): void
}

/** Spread it into a page's `data`. */
export const pageState = (): PageState => ({
  phase: 'loading',
  elder: 0,
  kept: '',
  trouble: null,
})

/** Call it in `onShow`: the choice may have changed on another page. */
export function dress(page: Dressed): void {
  const elder = elderSize()
  if (page.data.elder !== elder) page.setData({ elder })
}

/** How often each page began to load. */
const loads = new WeakMap<object, number>()

/**
 * Load what a page shows. Only the load that began last is shown: a late answer to an earlier one,
 * about a lift that was scanned before, changes nothing. `shape` makes the page's data from it, or null when there is nothing to
 * show. A page that shows something keeps it when loading again fails, and says so in a toast.
 */
export async function load<T>(
  page: Dressed,
  work: () => Promise<Seen<T>>,
  shape: (value: T) => Record<string, unknown> | null,
): Promise<void> {
  const turn = (loads.get(page) ?? 0) + 1
  loads.set(page, turn)
  const late = (): boolean => loads.get(page) !== turn
  try {
    const { value, at } = await work()
    if (late()) return
    const data = shape(value)
    const kept = at === null ? '' : moment(at, now())
    page.setData({ ...data, phase: data === null ? 'empty' : 'ready', kept, trouble: null })
  } catch (error) {
    if (late()) return
    if (page.data.phase === 'ready') tell(messageOf(error))
    else page.setData({ phase: 'error', trouble: troubleOf(error) })
  }
}

/** Say something short that needs no answer. */
export function tell(title: string): void {
  wx.showToast({ title, icon: 'none', duration: 3000 })
}

/** Ask before something is done that cannot be taken back. */
export function agreed(title: string, content: string, confirmText: string): Promise<boolean> {
  return new Promise((resolve) => {
    wx.showModal({
      title,
      content,
      confirmText,
      cancelText: '再想想',
      success: ({ confirm }) => resolve(confirm),
      fail: () => resolve(false),
    })
  })
}

export const messageOf = (error: unknown): string =>
  error instanceof Problem ? error.message : '页面出错了，请稍后再试。'

function troubleOf(error: unknown): Trouble {
  if (error instanceof Problem && error.code === 'offline') {
    return { title: '没有网络', text: '打开手机网络后点“再试一次”。', again: true }
  }
  if (error instanceof Problem && error.status === 404) {
    return { title: '没有找到', text: error.message, again: false }
  }
  if (error instanceof Problem && error.status === 422) {
    // What is wrong stands in the address of the page, which nobody typed.
    return { title: '链接打不开', text: '链接可能不完整。请回到首页，从那里重新打开。', again: false }
  }
  return { title: '暂时看不了', text: messageOf(error), again: true }
}
