/** Asking whether we may send a message. One yes is one message; the platform tells the service. */

import { cityKept } from './city'

export type Key = 'objection_answered' | 'notice_ending' | 'cover_changed'

/** The platform's words for yes: also those that come with a sound or a banner. */
const YES = ['accept', 'acceptWithAudio', 'acceptWithAlert', 'acceptWithForcePush']

/**
 * Ask for `keys`; true when at least one was accepted. Call it straight from a tap, after the page
 * said why and `city()` was read: WeChat refuses the question at any other time.
 */
export function ask(keys: Key[]): Promise<boolean> {
  const tmplIds = (cityKept()?.subscriptions ?? [])
    .filter(({ key }) => keys.includes(key as Key))
    .map(({ template_id }) => template_id)
  if (tmplIds.length === 0) return Promise.resolve(false)
  return new Promise((resolve) => {
    wx.requestSubscribeMessage({
      tmplIds,
      success: (answers) => {
        const given = answers as unknown as Record<string, string>
        resolve(tmplIds.some((id) => YES.includes(given[id] ?? '')))
      },
      fail: () => resolve(false),
    })
  })
}
