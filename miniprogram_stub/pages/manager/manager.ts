import { read } from '../../lib/api'
import { dress, load, pageState } from '../../lib/page'
import { keepParts } from '../../lib/parts'
import { together } from '../../lib/together'
import type { ManagedEstate, Me, Todo, Todos } from '../../lib/types'
import { accountName } from '../../lib/words'

interface Shown extends Todo {
  key: string
  mark: string
  told: string
}

/** What a property manager must see to, the most urgent first, and what the estates can spend. */
Page({
  data: {
    ...pageState(),
    mine: [] as Shown[],
    others: [] as Shown[],
    estates: [] as ReturnType<typeof estateShown>[],
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
})

function shown(todo: Todo, index: number): Shown {
  return {
    ...todo,
    key: `${todo.purchase_id}-${index}`,
    mark: todo.mine ? 'wait' : 'none',
    told: todo.mine ? '' : todo.who ? `等${todo.who}办` : '等着就行',
  }
}

const estateShown = (estate: ManagedEstate) => ({
  ...estate,
  accounts: estate.accounts.map((account) => ({ ...account, shown: accountName(account) })),
})
