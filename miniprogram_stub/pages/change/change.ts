import { read, write } from '../../lib/api'
import type { Choice } from '../../lib/choices'
import { Fault, faultsIn, faultsOf, leadToFaults } from '../../lib/faults'
import { agreed, dress, load, messageOf, pageState, tell } from '../../lib/page'
import { together } from '../../lib/together'
import type { Insurers, OwnCase } from '../../lib/types'
import { CHANGES, Change, choicesFor } from './view'

interface Loaded {
  found: OwnCase
  insurers: Insurers
}

const ALL_RIGHT = { choice: '', reason: '' }

/** Take an application back, or change what it is for; always with a reason. */
Page({
  data: {
    ...pageState(),
    id: '',
    step: '',
    change: CHANGES['withdraw'] as Change,
    found: null as OwnCase | null,
    choices: [] as Choice[],
    obstacles: [] as string[],
    choice: '',
    reason: '',
    wrong: ALL_RIGHT,
    faults: [] as Fault[],
    said: '',
    busy: false,
  },

  onLoad(options: { case?: string; step?: string }) {
    const step = (options.step ?? '') in CHANGES ? String(options.step) : 'withdraw'
    const change = CHANGES[step] as Change
    wx.setNavigationBarTitle({ title: change.title })
    this.setData({ id: options.case ?? '', step, change })
    void this.refresh()
  },

  onShow() {
    dress(this)
  },

  refresh() {
    return load(
      this,
      () =>
        together<Loaded>({
          found: read(`/purchases/${this.data.id}/my-part`),
          insurers: read('/insurers'),
        }),
      ({ found, insurers }) => {
        const doing = found.doings.find(({ action }) => action === this.data.step)
        return {
          found,
          choices: choicesFor(this.data.step, found, insurers),
          obstacles: doing ? doing.obstacles : ['案件有了新进展，这一步现在办不了。请回去刷新。'],
        }
      },
    )
  },

  pick({ detail }: { detail: { key: string } }) {
    this.setData({ choice: detail.key, 'wrong.choice': '' })
  },

  typeReason({ detail }: WechatMiniprogram.Input) {
    this.setData({ reason: detail.value, 'wrong.reason': '' })
  },

  async send() {
    const { id, change, choice, busy } = this.data
    const reason = this.data.reason.trim()
    const wrong = {
      choice: change.field && !choice ? `请选择${change.choose}。` : '',
      reason: reason ? '' : '请写明理由。',
    }
    this.blame(wrong)
    if (faultsIn(wrong).length > 0 || busy) return
    if (!(await agreed(`${change.title}？`, change.words, '确定'))) return
    this.setData({ busy: true })
    try {
      const body = { ...(change.field ? { [change.field]: choice } : {}), reason }
      await write('POST', `/purchases/${id}${change.path}`, body)
      tell(change.done)
      wx.redirectTo({ url: `/pages/case/case?id=${id}` })
    } catch (error) {
      const refused = faultsOf(error, { reason: 'reason', lift_id: 'choice', insurer_id: 'choice' })
      if (Object.keys(refused).length > 0) this.blame({ ...ALL_RIGHT, ...refused })
      else this.setData({ said: messageOf(error) })
    }
    this.setData({ busy: false })
  },

  /** Say what is wrong at the top of the form, where the reader is led. */
  blame(wrong: typeof ALL_RIGHT) {
    const faults = faultsIn(wrong)
    this.setData({ wrong, faults, said: '' })
    if (faults.length > 0) leadToFaults()
  },
})
