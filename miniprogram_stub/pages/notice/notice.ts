import { read } from '../../lib/api'
import { now } from '../../lib/clock'
import { call } from '../../lib/emergency'
import { dress, load, pageState } from '../../lib/page'
import type { NoticeText } from '../../lib/types'
import { viewOf } from './view'

const NUMBER = /^[\w-]{1,40}$/

interface Options {
  number?: string
  lift?: string
}

/** One notice: the whole plan as it was frozen, until when to object, and what was objected. */
Page({
  data: {
    ...pageState(),
    number: '',
    lift: '',
    title: '',
  },

  onLoad({ number = '', lift = '' }: Options) {
    dress(this)
    this.setData({ number: NUMBER.test(number) ? number : '-', lift })
    void this.again()
  },

  onShow() {
    dress(this)
  },

  async onPullDownRefresh() {
    await this.again()
    wx.stopPullDownRefresh()
  },

  onShareAppMessage() {
    const { title, number, lift } = this.data
    return {
      title: title || '电梯维修保险方案公示',
      path: `/pages/notice/notice?number=${number}&lift=${lift}`,
    }
  },

  async again() {
    const path = `/public/notices/${this.data.number}`
    await load(this, () => read<NoticeText>(path), (notice) => viewOf(notice, now()))
  },

  unfold({ currentTarget }: WechatMiniprogram.TouchEvent) {
    this.setData({ [`folds.${String(currentTarget.dataset['at'])}`]: false })
  },

  jump({ currentTarget }: WechatMiniprogram.TouchEvent) {
    const selector = `.at-${String(currentTarget.dataset['at'])}`
    wx.pageScrollTo({ selector, offsetTop: -110, duration: 0 })
  },

  dial({ currentTarget }: WechatMiniprogram.TouchEvent) {
    call(String(currentTarget.dataset['phone']))
  },
})
