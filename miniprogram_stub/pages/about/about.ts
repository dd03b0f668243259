import { read } from '../../lib/api'
import { call, keepEmergency } from '../../lib/emergency'
import { dress, load, pageState, tell } from '../../lib/page'
import type { City } from '../../lib/types'

/** What 梯保 is, large print, privacy, and whom to ask. */
Page({
  data: { ...pageState(), onPhone: true, about: [] as string[] },

  onLoad() {
    void this.again()
  },

  onShow() {
    dress(this)
  },

  async again() {
    await load(this, () => read<City>('/public/city'), (city) => {
      keepEmergency(city.emergency)
      const onPhone = city.objection_channels.includes('mini_program')
      const { about, centre, emergency, privacy } = city
      return { onPhone, about, centre, emergency, privacy }
    })
  },

  dressed() {
    dress(this)
  },

  contract() {
    wx.openPrivacyContract({ fail: () => tell('微信的隐私指引现在打不开，请看下面的说明。') })
  },

  dial({ currentTarget }: WechatMiniprogram.TouchEvent) {
    call(String(currentTarget.dataset['phone']))
  },
})
