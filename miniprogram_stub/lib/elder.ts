/** Large print: as WeChat's own font setting says, unless the person chose otherwise here. */

import { keep, recall } from './storage'

const NAME = 'elder'
// WeChat's slider starts at 16 or 17, its next steps end below 20; then people clearly want more.
const STEPS = [20, 24, 30]

/** What each size is called; the first is the ordinary one. */
export const SIZES = ['标准', '大字', '更大', '最大']

/** The size of the print: 0 is ordinary, 3 the largest. */
export function elderSize(): number {
  const chosen = recall<number | boolean>(NAME)
  if (chosen === null) return STEPS.filter((step) => wechatFontSize() >= step).length
  // Before there were several sizes, the choice was yes or no.
  return Math.min(Math.max(Number(chosen), 0), STEPS.length) || 0
}

/** The person's own choice; it stays on this phone. */
export function setElder(size: number): void {
  keep(NAME, size)
}

/** The next larger size; after the largest the ordinary one. */
export const nextSize = (size: number): number => (size + 1) % SIZES.length

function wechatFontSize(): number {
  try {
    return wx.getAppBaseInfo().fontSizeSetting ?? 0
  } catch {
    return 0
  }
}
