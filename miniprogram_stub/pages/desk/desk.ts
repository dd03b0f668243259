import { read, write } from '../../lib/api'
import { now } from '../../lib/clock'
import { deskCodeOfScan, invitationOfScan } from '../../lib/codes'
import { dress, messageOf, pageState } from '../../lib/page'
import type { AcceptedInvitation, DeskNumbers, DeskSessions } from '../../lib/types'
import { moment } from '../../lib/words'

interface Open {
  id: string
  place: string
  since: string
}

/**
 * Signing in to the desk on a PC: scan its code, choose the number that stands beside it. The code
 * of an invitation stands on a keeper's screen: here comes the number that the keeper asks for.
 */
Page({
  data: {
    ...pageState(),
    code: '',
    numbers: [] as number[],
    done: false,
    said: '',
    busy: false,
    open: [] as Open[],
    invited: null as AcceptedInvitation | null,
  },

  onShow() {
    dress(this)
    void this.working(() => this.list())
  },

  /** Where one is signed in now: whoever else came in with this phone shows here. */
  async list() {
    const { value } = await read<DeskSessions>('/desk-sessions')
    const open = value.items.map(({ id, desk_place, began_at }) => ({
      id,
      place: desk_place,
      since: moment(began_at, now()),
    }))
    this.setData({ open })
  },

  async end({ currentTarget }: WechatMiniprogram.TouchEvent) {
    const id = String(currentTarget.dataset['id'])
    await this.working(async () => {
      await write('DELETE', `/desk-sessions/${id}`)
      await this.list()
    })
  },

  scan() {
    wx.scanCode({
      // A code that somebody sent as a picture is not the one before one's eyes.
      onlyFromCamera: true,
      success: ({ result }) => {
        const invitation = invitationOfScan(result)
        void (invitation === null ? this.look(deskCodeOfScan(result)) : this.accept(invitation))
      },
      fail: () => undefined,
    })
  },

  async accept(invitation: string) {
    this.setData({ code: '', numbers: [], done: false, said: '', invited: null })
    await this.working(async () => {
      this.setData({ invited: await write<AcceptedInvitation>('POST', `/invitations/${invitation}`) })
    })
  },

  async look(code: string | null) {
    this.setData({ code: '', numbers: [], done: false, said: '', invited: null })
    if (code === null) {
      this.setData({ said: '这不是工作台的登录码，请扫电脑屏幕上的码。' })
      return
    }
    await this.working(async () => {
      const { value } = await read<DeskNumbers>(`/desk-sign-ins/${code}`)
      this.setData({ code, numbers: value.screen_numbers })
    })
  },

  async choose({ currentTarget }: WechatMiniprogram.TouchEvent) {
    const number = Number(currentTarget.dataset['number'])
    await this.working(async () => {
      await write('POST', `/desk-sign-ins/${this.data.code}`, { screen_number: number })
      this.setData({ done: true })
    })
    this.setData({ code: '', numbers: [] })
  },

  async working(work: () => Promise<void>) {
    if (this.data.busy) return
    this.setData({ busy: true, said: '' })
    try {
      await work()
    } catch (error) {
      this.setData({ said: messageOf(error) })
    }
    this.setData({ busy: false })
  },

})
