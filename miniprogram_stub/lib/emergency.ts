/** What holds without any answer from the service: 119 rescues people from lifts everywhere. */

import type { Emergency } from './types'

export const EMERGENCY: Emergency = {
  phone: '119',
  text: '先按轿厢里的报警按钮，与值守人员通话；没有人应答，就拨打这个电话。不要扒门，不要跳动，靠着厢壁站稳，等候救援。',
  source: null,
}

/** Open the phone's dialler with this number; the person still decides to call. */
export function call(phoneNumber: string): void {
  // A person who changes their mind ends up in `fail` as well; that is no error.
  wx.makePhoneCall({ phoneNumber, fail: () => undefined })
}
