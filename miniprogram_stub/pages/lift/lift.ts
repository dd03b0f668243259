import { Problem, read } from '../../lib/api'
import type { Seen } from '../../lib/api'
import { hasCode, tokenOf, tokenOfScan } from '../../lib/codes'
import type { Options } from '../../lib/codes'
import { call, keepEmergency } from '../../lib/emergency'
import { dress, load, pageState } from '../../lib/page'
import { dismiss, recents, remember } from '../../lib/recents'
import type { Lift } from '../../lib/types'
import { placeOf, viewOf } from './view'

/** The lift behind a scanned code; without a code the start, with a bad one a calm page. */
Page({
  data: {
    ...pageState(),
    mode: 'lift' as 'lift' | 'start' | 'calm',
    token: '',
    recents: recents(),
  },

  onLoad(options: Options) {
    dress(this)
    const token = tokenOf(options)
    if (token !== null) void this.open(token)
    else this.setData({ mode: hasCode(options) ? 'calm' : 'start', recents: recents() })
  },

  onShow() {
    dress(this)
  },

  async onPullDownRefresh() {
    await this.again()
    wx.stopPullDownRefresh()
  },

  onShareAppMessage() {
    const { mode, token } = this.data
    const shown = mode === 'lift' && token
    return {
      title: shown ? '看看这台电梯有没有保险' : '扫码看电梯保险',
      path: '/pages/lift/lift' + (shown ? `?token=${token}` : ''),
    }
  },

  async open(token: string) {
    this.setData({ mode: 'lift', token })
    await load<Lift>(this, () => this.lift(token), (seen) => {
      remember(token, `${seen.lift.estate} ${placeOf(seen)}`)
      keepEmergency(seen.emergency)
      return viewOf(seen)
    })
  },

  /** Unknown, revoked and guessed codes are all the same calm page, which tells nothing else. */
  async lift(token: string): Promise<Seen<Lift>> {
    try {
      return await read<Lift>(`/public/lifts/${token}`)
    } catch (error) {
      if (error instanceof Problem && [404, 429].includes(error.status)) {
        dismiss(token)
        // Another lift may have been scanned meanwhile.
        if (this.data.token === token) this.setData({ mode: 'calm' })
      }
      throw error
    }
  },

  async again() {
    if (this.data.mode === 'lift') await this.open(this.data.token)
  },

  scan() {
    wx.scanCode({
      onlyFromCamera: false,
      success: ({ result, path }) => {
        const token = tokenOfScan(result, path)
        if (token !== null) {
          this.setData({ phase: 'loading' })
          void this.open(token)
        } else {
          this.setData({ mode: 'calm', token: '' })
        }
      },
      // Closing the camera leaves everything as it was.
      fail: () => undefined,
    })
  },

  dressed() {
    dress(this)
  },

  dial({ currentTarget }: WechatMiniprogram.TouchEvent) {
    call(String(currentTarget.dataset['phone']))
  },
})
