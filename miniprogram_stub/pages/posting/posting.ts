import { openFile, read, upload, write } from '../../lib/api'
import { now } from '../../lib/clock'
import { dress, load, messageOf, pageState, tell } from '../../lib/page'
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
    this.setData({ making: unit })
    try {
      const request = {
        kind: 'lobby_notice',
        notice_id: this.data.id,
        unit_id: unit,
        paper: 'A4',
        format: 'pdf',
        bleed: false,
      }
      const { sha256, missing } = await write<Poster>('POST', '/posters', request, `poster:${unit}`)
      this.setData({ doubts: missing ? [letters(missing)] : [] })
      await this.refresh()
      await openFile(`/posters/${sha256}`)
    } catch (error) {
      tell(messageOf(error))
    }
    this.setData({ making: '' })
  },

  async openPoster({ currentTarget }: Tapped) {
    try {
      await openFile(`/posters/${String(currentTarget.dataset['poster'])}`)
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
    this.setData({ sending: key, trouble_at: '', said: '', doubts: [] })
    try {
      const { warnings } = await this.hand(place, slot, path)
      this.setData({ doubts: warnings.map(({ message }) => `照片已收下。${message}`) })
      await this.refresh()
    } catch (error) {
      this.setData({ trouble_at: key, said: messageOf(error) })
    }
    this.setData({ sending: '' })
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

const letters = (missing: string): string =>
  `海报上“${missing}”没有字体，印成了〓，请手写补上。`

function taken(): Promise<string | null> {
  return new Promise((resolve) => {
    wx.chooseMedia({
      count: 1,
      mediaType: ['image'],
      sourceType: ['camera', 'album'],
      sizeType: ['original'],
      success: ({ tempFiles }) => resolve(tempFiles[0]?.tempFilePath ?? null),
      fail: () => resolve(null),
    })
  })
}
