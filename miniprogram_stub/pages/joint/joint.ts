import { read, write } from '../../lib/api'
import { now } from '../../lib/clock'
import { agreed, dress, load, messageOf, pageState, tell } from '../../lib/page'
import type { Invitation } from '../../lib/types'
import { jointPath, jointTitle, moment, progressOf } from '../../lib/words'

/** An owner is asked to sign an application: what for, who asks, what it means, then the signature. */
Page({
  data: {
    ...pageState(),
    id: '',
    shown: null as ReturnType<typeof shape> | null,
    busy: false,
  },

  onLoad(options: { case?: string }) {
    this.setData({ id: options.case ?? '' })
    void this.refresh()
  },

  onShow() {
    dress(this)
  },

  onPullDownRefresh() {
    void this.refresh().finally(() => wx.stopPullDownRefresh())
  },

  onShareAppMessage() {
    return { title: jointTitle(this.data.shown?.estate ?? ''), path: jointPath(this.data.id) }
  },

  refresh() {
    return load(
      this,
      () => read<Invitation>(`/purchases/${this.data.id}/invitation`),
      (found) => ({ shown: shape(found, now()) }),
    )
  },

  async sign() {
    const { shown } = this.data
    if (!shown) return
    const words = `您将作为业主，在申请 ${shown.number} 上联名。其他联名业主看不到您的全名和房号。`
    if (await agreed('确认联名？', words, '联名')) await this.send('/cosignatures', '已经联名')
  },

  async takeBack() {
    const words = '撤回后，您不再是这件申请的联名业主，其他联名业主会知道少了一位。提交以前，您可以再签。'
    if (await agreed('撤回联名？', words, '撤回')) await this.send('/cosignature-withdrawal', '已经撤回')
  },

  async send(path: string, done: string) {
    const { id, busy } = this.data
    if (busy) return
    this.setData({ busy: true })
    try {
      await write('POST', `/purchases/${id}${path}`)
      tell(done)
      await this.refresh()
    } catch (error) {
      tell(messageOf(error))
    }
    this.setData({ busy: false })
  },
})

const MARKS: Record<Invitation['eligibility'], 'good' | 'wait' | 'none'> = {
  signed: 'good',
  may_sign: 'good',
  waiting: 'wait',
  elsewhere: 'wait',
  unknown: 'wait',
  over: 'none',
}

const shape = (found: Invitation, present: number) => ({
  ...found,
  mark: MARKS[found.eligibility],
  asked: found.eligibility === 'unknown' || found.eligibility === 'elsewhere',
  progress: progressOf(found.signed),
  signedAt: found.signed.signed_at ? moment(found.signed.signed_at, present) : '',
  places: found.places,
  lifts: found.lifts.map((lift) => ({
    code: lift.registration_code,
    name: `${lift.building}${lift.unit} ${lift.name}`,
  })),
})
