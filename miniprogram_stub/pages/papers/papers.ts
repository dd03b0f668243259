import { read, write } from '../../lib/api'
import { now } from '../../lib/clock'
import { Fault, faultsIn, faultsOf, leadToFaults } from '../../lib/faults'
import type { Sent } from '../../lib/letter'
import { agreed, dress, load, messageOf, pageState } from '../../lib/page'
import type { OwnCase, Uploaded } from '../../lib/types'
import { fenOf, today, yuan } from '../../lib/words'
import { Copied, FIELDS, Kind, FORMS, bodyOf, copiedBefore, expectedFen, nothingCopied, wrongIn } from './view'

type Wrong = ReturnType<typeof wrongIn>
const ALL_RIGHT: Wrong = { number: '', buyer: '', money: '', day: '', same: '', reason: '', file: '' }

/** A contract or an invoice: what it says, as on the paper, and its picture. */
Page({
  data: {
    ...pageState(),
    id: '',
    kind: 'contract' as Kind,
    asked: FORMS.contract,
    found: null as OwnCase | null,
    lifts: [] as string[],
    expected: '',
    day: '',
    copied: nothingCopied(''),
    sent: { busy: false, failed: 0 } as Sent,
    wrong: ALL_RIGHT,
    faults: [] as Fault[],
    said: '',
    busy: false,
  },

  onLoad(options: { case?: string; kind?: string }) {
    const kind = (options.kind ?? '') in FORMS ? (options.kind as Kind) : 'contract'
    wx.setNavigationBarTitle({ title: FORMS[kind].title })
    this.setData({ id: options.case ?? '', kind, asked: FORMS[kind], day: today(now()) })
    void this.refresh()
  },

  onShow() {
    dress(this)
  },

  refresh() {
    return load(
      this,
      () => read<OwnCase>(`/purchases/${this.data.id}/my-part`),
      (found) => {
        const { kind, day } = this.data
        const expected = expectedFen(kind, found)
        return {
          found,
          lifts: found.lifts.map((lift) => `${lift.building}${lift.unit} ${lift.name}`),
          expected: expected === null ? '' : yuan(expected),
          copied: copiedBefore(kind, found, day),
        }
      },
    )
  },

  put(change: Partial<Copied>, solved: keyof Wrong) {
    const faults = this.data.faults.filter(({ field }) => field !== solved)
    this.setData({ copied: { ...this.data.copied, ...change }, [`wrong.${solved}`]: '', faults, said: '' })
  },

  typeNumber({ detail }: WechatMiniprogram.Input) {
    this.put({ number: detail.value }, 'number')
  },

  typeBuyer({ detail }: WechatMiniprogram.Input) {
    this.put({ buyer: detail.value }, 'buyer')
  },

  typeMoney({ detail }: WechatMiniprogram.Input) {
    this.put({ money: detail.value }, 'money')
  },

  pickDay({ detail }: WechatMiniprogram.PickerChange) {
    this.put({ day: String(detail.value) }, 'day')
  },

  agree({ detail }: WechatMiniprogram.SwitchChange) {
    this.put({ same: detail.value }, 'same')
  },

  typeReason({ detail }: WechatMiniprogram.Input) {
    this.put({ reason: detail.value }, 'reason')
  },

  changeFile({ detail }: { detail: Sent & { photos: Uploaded[] } }) {
    this.setData({ sent: { busy: detail.busy, failed: detail.failed } })
    this.put({ file: detail.photos[0]?.sha256 ?? '' }, 'file')
  },

  async send() {
    const { id, kind, copied, sent, found, asked, busy } = this.data
    const wrong = wrongIn(kind, copied, sent)
    this.blame(wrong)
    if (faultsIn(wrong).length > 0 || !found || busy) return
    if (!(await this.sure(found))) return
    this.setData({ busy: true })
    try {
      await write('POST', `/purchases/${id}${asked.path}`, bodyOf(kind, copied, found), `${kind}:${id}`)
      wx.redirectTo({ url: `/pages/case/case?id=${id}` })
    } catch (error) {
      const refused = faultsOf(error, FIELDS)
      if (Object.keys(refused).length > 0) this.blame({ ...ALL_RIGHT, ...refused })
      else this.setData({ said: messageOf(error) })
    }
    this.setData({ busy: false })
  },

  /** A sum that differs from what was agreed is usually a slip of the finger. */
  async sure(found: OwnCase): Promise<boolean> {
    const { kind, copied, asked } = this.data
    const expected = expectedFen(kind, found)
    const fen = fenOf(copied.money)
    if (expected === null || fen === expected) return true
    const agreedOn = kind === 'invoice' ? '合同上的保费' : '方案的保费'
    const words = `您填的是${yuan(fen)}，${agreedOn}是${yuan(expected)}。请再看一眼${asked.paper}。`
    return agreed('金额不一样', words, '照填提交')
  },

  /** Say what is wrong at the top of the form, where the reader is led. */
  blame(wrong: Wrong) {
    const faults = faultsIn(wrong)
    this.setData({ wrong, faults, said: '' })
    if (faults.length > 0) leadToFaults()
  },
})
