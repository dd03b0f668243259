import { read, write } from '../../lib/api'
import { city } from '../../lib/city'
import { now } from '../../lib/clock'
import { dress, load, messageOf, pageState, tell } from '../../lib/page'
import { keepParts } from '../../lib/parts'
import { recents } from '../../lib/recents'
import { Key, ask } from '../../lib/subscribe'
import { together } from '../../lib/together'
import type { PhoneAnswer, Place } from '../../lib/types'
import { Loaded, shape } from './view'

type Tapped = WechatMiniprogram.TouchEvent

interface Given {
  detail: { code?: string }
}

/** What concerns this person, and how they want to read it. */
Page({
  data: {
    ...pageState(),
    homes: [] as { id: string; place: string }[],
    places: [] as Place[],
    adding: false,
    typing: false,
    typed: '',
    typedWrong: '',
    busy: false,
  },

  onShow() {
    dress(this)
    void this.refresh()
  },

  onPullDownRefresh() {
    void this.refresh().finally(() => wx.stopPullDownRefresh())
  },

  async refresh() {
    await load(
      this,
      async () => {
        const [loaded] = await Promise.all([everything(), city()])
        keepParts(loaded.value.me)
        return loaded
      },
      (loaded: Loaded) => shape(loaded, now()),
    )
    if (this.data.phase === 'ready' && this.data.homes.length === 0) await this.findPlaces()
  },

  /** Where a home may be submitted: where this phone has scanned a lift. */
  async findPlaces() {
    const reads = recents().map(({ token }) => read<Place>(`/lifts/${token}/place`))
    const found = await Promise.allSettled(reads)
    const places = found.flatMap((one) => (one.status === 'fulfilled' ? one.value.value : []))
    const names = new Set<string>()
    const once = places.filter(({ estate, building, unit }) => {
      const name = estate + building + unit
      return !names.has(name) && names.add(name)
    })
    this.setData({ places: once })
  },

  async addHome() {
    this.setData({ adding: true })
    await this.findPlaces()
  },

  async verified() {
    this.setData({ adding: false })
    await this.refresh()
  },

  typePhone() {
    this.setData({ typing: !this.data.typing })
  },

  changePhone({ detail }: WechatMiniprogram.Input) {
    this.setData({ typed: detail.value, typedWrong: '' })
  },

  async savePhone() {
    try {
      await write<PhoneAnswer>('POST', '/me/phone', { phone: this.data.typed.trim() }, 'phone')
      this.setData({ typing: false, typed: '' })
      await this.refresh()
    } catch (error) {
      this.setData({ typedWrong: messageOf(error) })
    }
  },

  /** A number that WeChat vouches for gives way only to another such. */
  async provePhone({ detail }: Given) {
    if (!detail.code) return
    await this.working(async () => {
      const answer = await write<PhoneAnswer>('POST', '/me/phone', { code: detail.code }, 'phone')
      tell(answer.message)
    })
  },

  /** One more message of this kind: WeChat asks, the service counts when WeChat tells it. */
  async more({ currentTarget }: Tapped) {
    const accepted = await ask([currentTarget.dataset['key'] as Key])
    tell(accepted ? '好的，届时发消息给您' : '没有改变')
    await this.refresh()
  },

  async unfollow({ currentTarget }: Tapped) {
    const { kind, id } = currentTarget.dataset as { kind: string; id: string }
    await this.working(async () => {
      await write('DELETE', kind === 'notice' ? `/notices/${id}/follow` : `/lifts/${id}/follow`)
    })
  },

  dressed() {
    dress(this)
  },

  async working(work: () => Promise<void>) {
    this.setData({ busy: true })
    try {
      await work()
      await this.refresh()
    } catch (error) {
      tell(messageOf(error))
    }
    this.setData({ busy: false })
  },
})

const everything = () =>
  together<Loaded>({
    me: read('/me'),
    verifications: read('/owner-verifications/mine'),
    joint: read('/cosignatures/mine'),
    objections: read('/objections/mine'),
    answers: read('/plans/answered'),
    todos: read('/todos/mine'),
    subscriptions: read('/me/subscriptions'),
  })
