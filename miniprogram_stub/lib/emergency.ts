/** Whom to call when people are trapped, also where no answer from the service ever came. */

import { keep, recall } from './storage'
import type { Emergency } from './types'

/** 119 rescues people from lifts everywhere. */
export const EMERGENCY: Emergency = {
  phone: '119',
  text: '先按轿厢里的报警按钮，与值守人员通话；没有人应答，就拨打这个电话。不要扒门，不要跳动，靠着厢壁站稳，等候救援。',
  source: null,
}

const NAME = 'emergency'

/** What the city said last; before it ever answered, what holds everywhere. */
export const emergencyKept = (): Emergency => recall<Emergency>(NAME) ?? EMERGENCY

/** The city says whom to call: every page knows it from now on, without network too. */
export const keepEmergency = (emergency: Emergency): void => keep(NAME, emergency)

/** The first thing to do, for where a line is all there is. */
export const firstAdvice = (text: string): string => text.split(/[，；。]/)[0] ?? ''

/** Open the phone's dialler with this number; the person still decides to call. */
export function call(phoneNumber: string): void {
  // A person who changes their mind ends up in `fail` as well; that is no error.
  wx.makePhoneCall({ phoneNumber, fail: () => undefined })
}
