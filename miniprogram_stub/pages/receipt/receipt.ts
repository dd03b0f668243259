import { openFile, read, write } from '../../lib/api'
import { now } from '../../lib/clock'
import { agreed, dress, load, messageOf, pageState, tell } from '../../lib/page'
import type { OwnObjection, OwnObjections } from '../../lib/types'
import { moment } from '../../lib/words'

/** The mark beside the status, and what it means for the person. */
const MEANING: Record<string, { mark: string; next: string }> = {
  received: { mark: 'wait', next: '中心正在核实您的业主身份。核实属实的，这次投保暂缓。' },
  verified: { mark: 'good', next: '这次投保已经暂缓，中心正在处理，并会书面答复您。' },
  late: { mark: 'none', next: '公示期已满才收到，不暂缓投保；中心仍会答复您。' },
  not_entitled: { mark: 'none', next: '中心没有查到您是这次公示范围内的业主，理由见答复。' },
  inadmissible: { mark: 'none', next: '中心已经处理完毕，理由见答复。' },
  withdrawn: { mark: 'none', next: '您已经撤回，这件异议不再影响投保。' },
}
const ANSWERED = '中心已经答复，见下面。您认可的话，可以撤回异议，投保继续办理。'
const PUBLISHED: Record<string, string> = {
  private: '不公开',
  published: '已公开，不带姓名',
  held: '工作人员看过后再公开',
  refused: '没有公开',
}

interface Shown {
  row: OwnObjection
  mark: string
  next: string
  received: string
  answered: string
  publication: string
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
    await this.working(() => openFile(`/objections/${this.data.id}/receipt`))
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
  const { mark, next } = MEANING[row.status] ?? { mark: 'none', next: '' }
  return {
    row,
    mark,
    next: row.answer && row.status === 'verified' ? ANSWERED : next,
    received: moment(row.received_at, now()),
    answered: row.answered_at ? moment(row.answered_at, now()) : '',
    publication: PUBLISHED[row.publication] ?? '',
    open: row.publication === 'published' || row.publication === 'held',
  }
}
