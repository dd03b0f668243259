import { read, write } from '../../lib/api'
import { dress, load, messageOf, pageState, tell } from '../../lib/page'
import { keepParts } from '../../lib/parts'
import { together } from '../../lib/together'
import type { ManagedEstate, Me, Todo, Todos } from '../../lib/types'
import { accountName } from '../../lib/words'

interface Shown extends Todo {
  key: string
  mark: string
  step: 'apply' | 'draft' | 'photos' | ''
}

/** What a property manager must see to, the most urgent first, and what the estates can spend. */
Page({
  data: {
    ...pageState(),
    mine: [] as Shown[],
    others: [] as Shown[],
    estates: [] as ReturnType<typeof estateShown>[],
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
      () => together<{ me: Me; todos: Todos }>({ me: read('/me'), todos: read('/todos/mine') }),
      ({ me, todos: { items, estates } }) => {
        keepParts(me)
        if (items.length === 0 && estates.length === 0) return null
        const all = items.map(shown)
        return {
          mine: all.filter((todo) => todo.mine),
          others: all.filter((todo) => !todo.mine),
          estates: estates.map(estateShown),
        }
      },
    )
  },

  /** Freeze the notice's text, then go on to where it is printed and photographed. */
  async draftNotice({ currentTarget }: WechatMiniprogram.TouchEvent) {
    const id = String(currentTarget.dataset['case'])
    this.setData({ busy: true })
    try {
      const notice = await write<{ id: string }>('POST', `/purchases/${id}/notice`)
      wx.navigateTo({ url: `/pages/posting/posting?notice=${notice.id}` })
    } catch (error) {
      tell(messageOf(error))
    }
    this.setData({ busy: false })
  },
})

function shown(todo: Todo, index: number): Shown {
  return {
    ...todo,
    key: `${todo.purchase_id}-${index}`,
    mark: todo.mine ? 'wait' : 'none',
    step: stepOf(todo),
  }
}

const estateShown = (estate: ManagedEstate) => ({
  ...estate,
  accounts: estate.accounts.map((account) => ({ ...account, shown: accountName(account) })),
})

function stepOf({ state, notice_id, actions }: Todo): Shown['step'] {
  if (notice_id) return 'photos'
  if (state === 'approved' && actions.includes('post_notice')) return 'draft'
  return state === 'drafted' && actions.includes('apply') ? 'apply' : ''
}
