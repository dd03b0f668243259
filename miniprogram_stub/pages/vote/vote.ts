import { read, write } from '../../lib/api'
import { now } from '../../lib/clock'
import { agreed, dress, load, messageOf, pageState, tell } from '../../lib/page'
import type { BallotCast, MyVotes } from '../../lib/types'
import { CHOICES, Shown, shown } from './view'

type Tapped = WechatMiniprogram.TouchEvent

/** Votes of the owners in which this person has a flat: what is voted on, the own word, the result. */
Page({
  data: {
    ...pageState(),
    votes: [] as Shown[],
    choices: CHOICES,
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
      () => read<MyVotes>('/votes/mine'),
      ({ items }) => ({ votes: items.map((vote) => shown(vote, now())) }),
    )
  },

  async cast({ currentTarget }: Tapped) {
    const { vote: id, choice } = currentTarget.dataset as { vote: string; choice: string }
    const vote = this.data.votes.find((each) => each.id === id)
    const chosen = CHOICES.find((each) => each.choice === choice)
    if (!vote || !chosen || this.data.busy) return
    const words = `${vote.flats.join('、')}：${chosen.name}。实名记录，邻居看不到您投了什么。截止前可以改，以最后一次为准。`
    if (!(await agreed(`投“${chosen.name}”？`, words, chosen.name))) return
    this.setData({ busy: true, said: '' })
    try {
      const path = `/votes/${id}/ballots`
      const { flats } = await write<BallotCast>('POST', path, { choice })
      this.setData({ said: `您的票已经记录：${chosen.name}，共 ${flats} 套房屋。` })
    } catch (error) {
      tell(messageOf(error))
    }
    this.setData({ busy: false })
    await this.refresh()
  },
})
