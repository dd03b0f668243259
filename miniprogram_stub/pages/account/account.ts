import { read } from '../../lib/api'
import { dress, load, pageState } from '../../lib/page'
import type { PublicAccount } from '../../lib/types'
import { daysCovered, yuan } from '../../lib/words'

/** What everybody may know of the estate's money (公开账目): its pools by year, policies, notices. */
Page({
  data: {
    ...pageState(),
    token: '',
    shown: null as Shown | null,
  },

  onLoad({ lift = '' }: { lift?: string }) {
    this.setData({ token: lift })
  },

  onShow() {
    dress(this)
    void this.refresh()
  },

  onPullDownRefresh() {
    void this.refresh().finally(() => wx.stopPullDownRefresh())
  },

  refresh() {
    const path = `/public/lifts/${encodeURIComponent(this.data.token)}/account`
    return load(
      this,
      () => read<PublicAccount>(path),
      (account) => ({ shown: shown(account) }),
    )
  },
})

interface Shown {
  estate: string
  about: string[]
  pools: { key: number; name: string; balance: string; held: string; years: Year[] }[]
  policies: { key: number; insurer: string; lifts: number; days: string; premium: string }[]
  notices: { number: string; days: string; objections: string }[]
}

interface Year {
  year: number
  rows: { key: number; name: string; fen: string }[]
}

const shown = (account: PublicAccount): Shown => ({
  estate: account.estate,
  about: account.about,
  pools: account.pools.map((pool, key) => ({
    key,
    name: pool.name,
    balance: yuan(pool.balance_fen),
    held: pool.held_fen ? yuan(pool.held_fen) : '',
    years: pool.years.map(yearOf),
  })),
  policies: account.policies.map((policy, key) => ({
    key,
    insurer: policy.insurer,
    lifts: policy.lifts,
    days: daysCovered(policy.starts_on, policy.last_day),
    premium: policy.premium_fen === null ? '' : yuan(policy.premium_fen),
  })),
  notices: account.notices.map(({ number, days, objection_words }) => ({
    number,
    days,
    objections: objection_words,
  })),
})

const yearOf = (year: PublicAccount['pools'][number]['years'][number]): Year => ({
  year: year.year,
  rows: [
    { name: '年初余额', fen: year.began_fen },
    ...year.moved,
    { name: year.ended_name, fen: year.ended_fen },
  ].map(({ name, fen }, key) => ({ key, name, fen: yuan(fen) })),
})
