import { Problem, read, write } from '../../lib/api'
import type { Choice } from '../../lib/choices'
import { city } from '../../lib/city'
import { call } from '../../lib/emergency'
import { Fault, faultsIn, faultsOf, leadToFaults } from '../../lib/faults'
import { Letter, blank, bodyOf, draftOf, dropDraft, keepDraft } from '../../lib/letter'
import { Sent, Wrong, lengthOf, nothingWrong, wrongIn } from '../../lib/letter'
import { dress, load, messageOf, pageState } from '../../lib/page'
import type { City, FiledObjection, NoticeText, PartInNotice, Uploaded } from '../../lib/types'

interface Loaded {
  notice: NoticeText
  part: PartInNotice
  town: City
}

const UNSENT =
  '还没有送出。连上网后再点“提交异议”，点几次都只算一份。离开这一页，文字会留在手机里，照片和签名要重做。'

/** What the service calls the fields of the form. */
const FIELDS = { kind: 'kind', text: 'text', photos: 'photos', signature: 'signature' }

/** An owner objects: who one is, what one says, a look at the whole, then it is sent once. */
Page({
  data: {
    ...pageState(),
    number: '',
    notice: null as NoticeText | null,
    part: null as PartInNotice | null,
    onPhone: true,
    onPaper: true,
    kinds: [] as Choice[],
    longest: 0,
    photoHint: '',
    letter: blank(),
    count: 0,
    over: '',
    sent: { busy: false, failed: 0 } as Sent,
    wrong: nothingWrong(),
    faults: [] as Fault[],
    focus: '',
    step: 'write' as 'write' | 'preview',
    kindName: '',
    busy: false,
    said: '',
  },

  onLoad({ notice = '' }: { notice?: string }) {
    const letter = draftOf(notice)
    this.setData({ number: notice, letter, count: lengthOf(letter.text) })
    void this.refresh()
  },

  onShow() {
    dress(this)
  },

  refresh() {
    return load(
      this,
      async () => {
        const path = `/public/notices/${encodeURIComponent(this.data.number)}`
        const [{ value: notice, at }, town] = await Promise.all([read<NoticeText>(path), city()])
        const part = await read<PartInNotice>(`/notices/${notice.id}/my-part`)
        return { value: { notice, part: part.value, town }, at: at ?? part.at }
      },
      ({ notice, part, town }: Loaded) => ({
        notice,
        part,
        onPhone: part.channels.includes('mini_program'),
        onPaper: part.channels.includes('paper'),
        kinds: town.objection_kinds.map(({ key, name, help }) => ({ key, name, note: help })),
        longest: town.objection_max_characters,
        photoHint: town.photo_hint,
      }),
    )
  },

  /** Change the letter and keep it on the phone, in case the page is left. */
  put(change: Partial<Letter>, solved: keyof Wrong) {
    const letter = { ...this.data.letter, ...change }
    const wrong = { ...this.data.wrong, [solved]: '' }
    const count = lengthOf(letter.text)
    const spare = this.data.longest - count
    const faults = this.data.faults.filter(({ field }) => field !== solved)
    this.setData({ letter, wrong, faults, said: '', focus: '', count, over: spare < 0 ? `，超出 ${-spare} 字` : '' })
    keepDraft(this.data.number, letter)
  },

  pickKind({ detail }: { detail: { key: string } }) {
    this.put({ kind: detail.key }, 'kind')
  },

  typeText({ detail }: WechatMiniprogram.Input) {
    this.put({ text: detail.value }, 'text')
  },

  choosePublish({ detail }: WechatMiniprogram.SwitchChange) {
    this.put({ publish: detail.value }, 'text')
  },

  chooseByHand({ detail }: WechatMiniprogram.SwitchChange) {
    this.put({ byHand: !detail.value, signature: '' }, 'signature')
  },

  changePhotos({ detail }: { detail: Sent & { photos: Uploaded[] } }) {
    this.setData({ sent: { busy: detail.busy, failed: detail.failed } })
    this.put({ photos: detail.photos.map(({ sha256 }) => sha256) }, 'photos')
  },

  sign({ detail }: { detail: { sha256: string } }) {
    this.put({ signature: detail.sha256 }, 'signature')
  },

  preview() {
    const { letter, longest, sent, kinds } = this.data
    const wrong = wrongIn(letter, longest, sent)
    if (faultsIn(wrong).length > 0) {
      this.blame(wrong)
      return
    }
    const kindName = kinds.find(({ key }) => key === letter.kind)?.name ?? ''
    this.setData({ step: 'preview', wrong, faults: [], kindName, said: '' })
    wx.pageScrollTo({ scrollTop: 0, duration: 0 })
  },

  /** Say what is wrong at the top of the form, where the reader is led. */
  blame(wrong: Wrong) {
    this.setData({ step: 'write', wrong, faults: faultsIn(wrong), said: '' })
    leadToFaults()
  },

  /** An entry of the list was tapped: a text can be written at once. */
  lead({ detail }: { detail: { field: string } }) {
    this.setData({ focus: detail.field })
  },

  back() {
    this.setData({ step: 'write' })
    wx.pageScrollTo({ scrollTop: 0, duration: 0 })
  },

  dial({ currentTarget }: WechatMiniprogram.TouchEvent) {
    call(String(currentTarget.dataset['phone']))
  },

  async submit() {
    const { notice, letter, number, busy } = this.data
    if (busy || !notice) return
    this.setData({ busy: true, said: '' })
    try {
      const path = `/notices/${notice.id}/objections`
      const filed = await write<FiledObjection>('POST', path, bodyOf(letter), `object:${number}`)
      dropDraft(number)
      wx.redirectTo({ url: `/pages/receipt/receipt?id=${filed.id}&fresh=1` })
    } catch (error) {
      await this.explain(error)
      this.setData({ busy: false })
    }
  },

  async explain(error: unknown) {
    const problem = error instanceof Problem ? error : null
    if (problem && (problem.status === 0 || problem.status >= 500)) {
      this.setData({ said: UNSENT })
      return
    }
    const wrong = faultsOf(error, FIELDS)
    if (Object.keys(wrong).length > 0) this.blame({ ...nothingWrong(), ...wrong })
    else this.setData({ said: messageOf(error) })
    if (problem?.code === 'objection_already_filed') await this.refresh()
  },
})
