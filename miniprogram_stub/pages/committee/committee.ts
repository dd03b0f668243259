import { Problem, read, write } from '../../lib/api'
import { now } from '../../lib/clock'
import { agreed, dress, load, messageOf, pageState, tell } from '../../lib/page'
import { keepParts } from '../../lib/parts'
import { together } from '../../lib/together'
import type { GivenAnswer, GivenAnswers, Me, PlansToAnswer, Tally } from '../../lib/types'
import { moment } from '../../lib/words'
import { Shown, shown } from './view'

type Tapped = WechatMiniprogram.TouchEvent

/** Plans that wait for this member: what they say, what changed, and the answer by name. */
Page({
  data: {
    ...pageState(),
    plans: [] as Shown[],
    given: [] as (GivenAnswer & { mark: string; when: string })[],
    refusing: '',
    reason: '',
    wrong: '',
    said: '',
    busy: false,
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
      () =>
        together<{ me: Me; waiting: PlansToAnswer; answered: GivenAnswers }>({
          me: read('/me'),
          waiting: read('/plans/waiting'),
          answered: read('/plans/answered'),
        }),
      ({ me, waiting, answered }) => {
        keepParts(me)
        return {
          plans: waiting.items.map((plan) => shown(plan, now())),
          given: answered.items.map((row) => ({
            ...row,
            mark: row.answer === 'approve' ? 'good' : 'none',
            when: `${moment(row.answered_at, now())} 在${row.medium}`,
          })),
        }
      },
    )
  },

  async approve({ currentTarget }: Tapped) {
    const plan = this.planOf(currentTarget)
    const words = `同意 ${plan.number} 第 ${plan.revision} 版方案。您的意见实名记录，达到多数前可以修改。`
    if (await agreed('同意这份方案？', words, '同意')) await this.answer(plan, 'approve')
  },

  unfold({ currentTarget }: Tapped) {
    const at = this.data.plans.indexOf(this.planOf(currentTarget))
    this.setData({ [`plans[${at}].folded`]: false })
  },

  startRefusal({ currentTarget }: Tapped) {
    this.setData({ refusing: this.planOf(currentTarget).plan_id, reason: '', wrong: '' })
  },

  stopRefusal() {
    this.setData({ refusing: '' })
  },

  typeReason({ detail }: WechatMiniprogram.Input) {
    this.setData({ reason: detail.value, wrong: '' })
  },

  async refuse({ currentTarget }: Tapped) {
    const reason = this.data.reason.trim()
    if (!reason) {
      this.setData({ wrong: '不同意时请写明理由，例如：保费偏高。' })
      return
    }
    await this.answer(this.planOf(currentTarget), 'refuse', reason)
  },

  async answer(plan: Shown, answer: 'approve' | 'refuse', reason?: string) {
    if (this.data.busy) return
    this.setData({ busy: true, said: '' })
    try {
      const path = `/plans/${plan.plan_id}/answers`
      const tally = await write<Tally>('POST', path, { answer, ...(reason ? { reason } : {}) })
      this.setData({ refusing: '', reason: '', said: outcome(tally) })
    } catch (error) {
      this.explain(error)
    }
    this.setData({ busy: false })
    await this.refresh()
  },

  /** Another device or the chat may have been first: say so, then show how things stand. */
  explain(error: unknown) {
    if (error instanceof Problem && error.status === 409) {
      this.setData({ said: messageOf(error), refusing: '' })
    } else if (error instanceof Problem && error.field === 'reason') {
      this.setData({ wrong: messageOf(error) })
    } else {
      tell(messageOf(error))
    }
  },

  planOf(target: { dataset: Record<string, unknown> }): Shown {
    const { plans } = this.data
    const found = plans.find(({ plan_id }) => plan_id === target.dataset['plan'])
    if (!found) throw new Error('no such plan on this page')
    return found
  },
})

function outcome({ approvals, refusals, in_office, decided }: Tally): string {
  if (decided === 'approve') return '您的意见已经记录。同意的过半数，方案通过，接下来张贴公示。'
  if (decided === 'refuse') return '您的意见已经记录。不同意的过半数，方案退回保险机构修改。'
  return `您的意见已经记录。目前同意 ${approvals} 人，不同意 ${refusals} 人，在任 ${in_office} 人。`
}
