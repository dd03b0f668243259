import { openFile, read } from '../../lib/api'
import { now } from '../../lib/clock'
import { dress, load, messageOf, pageState, tell } from '../../lib/page'
import type { FlatAccount } from '../../lib/types'
import { dated, today, yuan } from '../../lib/words'

/** What the own flat has in the fund (分户账), and what moved it, one year at a time. */
Page({
  data: {
    ...pageState(),
    id: '',
    /** As asked for; '' for the latest year in which anything moved. */
    year: '',
    shown: null as Shown | null,
    busy: false,
  },

  onLoad({ id = '' }: { id?: string }) {
    this.setData({ id })
  },

  onShow() {
    dress(this)
    void this.refresh()
  },

  onPullDownRefresh() {
    void this.refresh().finally(() => wx.stopPullDownRefresh())
  },

  refresh() {
    const { id, year } = this.data
    const path = `/me/homes/${id}/fund${year && `?year=${year}`}`
    return load(
      this,
      () => read<FlatAccount>(path),
      (account) => ({ shown: shown(account) }),
    )
  },

  choose({ currentTarget }: WechatMiniprogram.TouchEvent) {
    this.setData({ year: String(currentTarget.dataset['year']) })
    void this.refresh()
  },

  /** The statement of the year that is shown, which ends today while it runs. */
  async takeAway() {
    const year = this.data.shown!.year
    const until = `${year}-12-31` < today(now()) ? `&until_on=${year}-12-31` : ''
    const path = `/me/homes/${this.data.id}/fund/statement.pdf?from_on=${year}-01-01${until}`
    this.setData({ busy: true })
    try {
      await openFile(path, `维修资金对账单${year}`)
    } catch (error) {
      tell(messageOf(error))
    }
    this.setData({ busy: false })
  },
})

interface Shown {
  place: string
  /** Whether the books say anything of this flat. */
  known: boolean
  balance: string
  year: number
  began: string
  lines: { key: number; name: string; day: string; fen: string; after: string }[]
  others: number[]
}

const shown = (account: FlatAccount): Shown => ({
  place: account.place,
  known: account.years.length > 0,
  balance: yuan(account.balance_fen),
  year: account.year,
  began: yuan(account.began_fen),
  lines: account.lines.map((line, key) => ({
    key,
    name: line.kind_name,
    day: dated(line.booked_on),
    fen: `${line.amount_fen > 0 ? '+' : ''}${yuan(line.amount_fen)}`,
    after: yuan(line.balance_fen),
  })),
  others: account.years.filter((year) => year !== account.year),
})
