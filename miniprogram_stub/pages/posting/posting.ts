import { Problem, openFile, read, upload, write } from '../../lib/api'
import { now } from '../../lib/clock'
import { agreed, dress, load, messageOf, pageState, tell } from '../../lib/page'
import type { GivenPhoto, Poster, PostingGuide } from '../../lib/types'
import { PlaceShown, Slot, shape } from './view'

type Tapped = WechatMiniprogram.TouchEvent

/** A notice on the wall: its poster for each place, and the photos that prove it hung there. */
Page({
  data: {
    ...pageState(),
    id: '',
    places: [] as PlaceShown[],
    sending: '',
    making: '',
    trouble_at: '',
    said: '',
    doubts: [] as string[],
    doubt_at: '',
  },

  onLoad({ notice = '' }: { notice?: string }) {
    this.setData({ id: notice })
  },

  onShow() {
    dress(this)
    void this.refresh()
  },

  onPullDownRefresh() {
    void this.refresh().finally(() => wx.stopPullDownRefresh())
  },

  refresh() {
    return load(
      this,
      () => read<PostingGuide>(`/notices/${this.data.id}/posting`),
      (posting) => shape(posting, now()),
    )
  },

  async makePoster({ currentTarget }: Tapped) {
    const unit = String(currentTarget.dataset['unit'])
    await this.make(unit, 'A4')
  },

  /** The city's text may be too long for A4; then A3 is offered, which is twice as large. */
  async make(unit: string, paper: 'A4' | 'A3') {
    this.setData({ making: unit })
    try {
      const request = {
        kind: 'lobby_notice',
        notice_id: this.data.id,
        unit_id: unit,
        paper,
        format: 'pdf',
        bleed: false,
      }
      const { sha256, missing } = await write<Poster>('POST', '/posters', request, `poster:${unit}`)
      this.setData({ doubt_at: unit, doubts: missing ? [letters(missing)] : [] })
      await this.refresh()
      await openFile(`/posters/${sha256}`, '公示海报')
    } catch (error) {
      const long = error instanceof Problem && error.code === 'poster_too_long' && paper === 'A4'
      if (!long) tell(messageOf(error))
      else if (await agreed('A4 放不下', '这份公示的文字太长，一张 A4 纸排不下。改用 A3 纸吗？', '用 A3')) {
        await this.make(unit, 'A3')
      }
    }
    this.setData({ making: '' })
  },

  async openPoster({ currentTarget }: Tapped) {
    try {
      await openFile(`/posters/${String(currentTarget.dataset['poster'])}`, '公示海报')
    } catch (error) {
      tell(messageOf(error))
    }
  },

  async photograph({ currentTarget }: Tapped) {
    const key = String(currentTarget.dataset['key'])
    const place = this.data.places.find(({ slots }) => slots.some((slot) => slot.key === key))
    const slot = place?.slots.find((one) => one.key === key)
    const path = await taken()
    if (!place || !slot || !path || this.data.sending) return
    if (this.beginsTheNotice(slot) && !(await agreed('这是最后一张开始照片', LAST, '交这张'))) return
    this.setData({ sending: key, trouble_at: '', said: '', doubts: [], doubt_at: '' })
    try {
      const { warnings } = await this.hand(place, slot, path)
      this.setData({ doubt_at: key, doubts: warnings.map(({ message }) => `照片已收下。${message}`) })
      await this.refresh()
    } catch (error) {
      this.setData({ trouble_at: key, said: messageOf(error) })
    }
    this.setData({ sending: '' })
  },

  /** With this photo the notice begins, and none of the start can be taken again. */
  beginsTheNotice(slot: Slot): boolean {
    const lacking = this.data.places.reduce((sum, place) => sum + place.lacking, 0)
    return slot.moment === 'start' && !slot.done && lacking === 1
  },

  async hand(place: PlaceShown, slot: Slot, path: string): Promise<GivenPhoto> {
    const { sha256 } = await upload(path)
    const photo = {
      unit_id: slot.unit,
      moment: slot.moment,
      framing: slot.framing,
      file_sha256: sha256,
      ...(place.poster ? { poster_sha256: place.poster } : {}),
    }
    return write<GivenPhoto>('POST', `/notices/${this.data.id}/photos`, photo, `photo:${slot.key}`)
  },
})

const LAST =
  '交了这张，公示马上开始计时，开始照片就不能再重拍。前面有照片提示过看不清的，请先重拍那张。'

const letters = (missing: string): string =>
  `海报上“${missing}”没有字体，印成了〓，请手写补上。`

function taken(): Promise<string | null> {
  return new Promise((resolve) => {
    wx.chooseMedia({
      count: 1,
      mediaType: ['image'],
      sourceType: ['camera', 'album'],
      sizeType: ['original', 'compressed'],
      success: ({ tempFiles }) => resolve(tempFiles[0]?.tempFilePath ?? null),
      fail: () => resolve(null),
    })
  })
}
