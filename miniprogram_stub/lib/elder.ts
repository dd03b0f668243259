/** Large print: as WeChat's own font setting says, unless the person chose otherwise here. */

import { keep, recall } from './storage'

const NAME = 'elder'
// WeChat's slider starts at 16 or 17; from 20 on people clearly want it large.
const LARGE = 20

export function isElder(): boolean {
  const chosen = recall<boolean>(NAME)
  return chosen ?? wechatFontSize() >= LARGE
}

/** The person's own choice; it stays on this phone. */
export function setElder(on: boolean): void {
  keep(NAME, on)
}

function wechatFontSize(): number {
  try {
    return wx.getAppBaseInfo().fontSizeSetting ?? 0
  } catch {
    return 0
  }
}
