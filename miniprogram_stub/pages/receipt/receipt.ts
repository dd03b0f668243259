import { openFile, read, write } from '../../lib/api'
import { now } from '../../lib/clock'
import { agreed, dress, load, messageOf, pageState, tell } from '../../lib/page'
import type { OwnObjection, OwnObjections } from '../../lib/types'
import { lastMoment, moment } from '../../lib/words'

/** The mark beside the status. */
const MARKS: Record<string, string> = { received: 'wait', verified: 'good' }

interface Shown {
  row: OwnObjection
  mark: string
  received: string
  answered: string
  due: string
  open: boolean
}

/** What became of one's own objection: its number, its paper, the answer, and taking it back. */
Page({
  data: {
    ...pageState(),
    id: '',
    fresh: false,
    shown: null as Shown | null,
    busy: false,
  },

  onLoad({ id = '', fresh = '' }: { id?: string; fresh?: string }) {
    this.setData({ id, fresh: fresh === '1' })
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
      () => read<OwnObjections>('/objections/mine'),
      ({ items }) => {
        const row = items.find(({ id }) => id === this.data.id)
        return row ? { shown: shown(row) } : null
      },
    )
  },

  async paper() {
    await this.working(() => openFile(`/objections/${this.data.id}/receipt`, '异议回执'))
  },

  async withdraw() {
    const sure = await agreed(
      '撤回这件异议？',
      '撤回后，这件异议不再暂缓投保。公示没有结束的，您还可以重新提出。',
      '撤回',
    )
    if (!sure) return
    await this.working(async () => {
      await write('POST', `/objections/${this.data.id}/withdrawal`, {})
      tell('已经撤回')
    })
    await this.refresh()
  },

  async unpublish() {
    const sure = await agreed('不再公开理由？', '只影响公开，异议本身不变。之后不能再改为公开。', '不再公开')
    if (!sure) return
    await this.working(async () => {
      await write('DELETE', `/objections/${this.data.id}/publication`)
      tell('已经不再公开')
    })
    await this.refresh()
  },

  async working(work: () => Promise<void>) {
    this.setData({ busy: true })
    try {
      await work()
    } catch (error) {
      tell(messageOf(error))
    }
    this.setData({ busy: false })
  },
})

function shown(row: OwnObjection): Shown {
  return {
    row,
    mark: MARKS[row.status] ?? 'none',
    received: moment(row.received_at, now()),
    answered: row.answered_at ? moment(row.answered_at, now()) : '',
    due: row.answer_before ? lastMoment(row.answer_before) : '',
    open: row.publication === 'published' || row.publication === 'held',
  }
}
