import { Seen, read, write } from '../../lib/api'
import type { Choice } from '../../lib/choices'
import { Fault, faultsIn, faultsOf, leadToFaults } from '../../lib/faults'
import { dress, load, messageOf, pageState } from '../../lib/page'
import { together } from '../../lib/together'
import type { Case, EstateForecast, EstateLifts, Insurers, Place, Way, Ways } from '../../lib/types'
import {
  LiftChoice,
  accountChoices,
  accountOf,
  insurerChoices,
  liftChoices,
  outlookOf,
  ownLifts,
  wayChoices,
} from './view'

interface Loaded {
  ways: Ways
  lifts: EstateLifts
  insurers: Insurers
  forecast: EstateForecast | null
}

/** What the service calls the fields of the form. */
const FIELDS = {
  applicant: 'way',
  account_id: 'account',
  lift_ids: 'lifts',
  insurer_id: 'insurer',
}
const ALL_RIGHT = { way: '', account: '', lifts: '', insurer: '' }

/** Begin an application: as whom, from which money, for which lifts, with which insurer. */
Page({
  data: {
    ...pageState(),
    estate: '',
    token: '',
    estateName: '',
    hint: '',
    places: [] as Place[],
    loaded: null as Loaded | null,
    ways: [] as Choice[],
    accounts: [] as Choice[],
    insurers: [] as Choice[],
    lifts: [] as LiftChoice[],
    way: '',
    words: '',
    account: '',
    insurer: '',
    available: 0,
    /** What the account can insure and when, as the service reckons. */
    outlook: '',
    /** Nobody names an account on this way: the centre opens one. */
    alone: false,
    /** The owner hands in the title afterwards. */
    title: false,
    /** The lift that was scanned is paid for by none of these accounts. */
    elsewhere: false,
    wrong: ALL_RIGHT,
    faults: [] as Fault[],
    said: '',
    busy: false,
  },

  onLoad(options: { estate?: string; lift?: string }) {
    this.setData({ estate: options.estate ?? '', token: options.lift ?? '' })
    void this.refresh()
  },

  onShow() {
    dress(this)
  },

  /** From the estate's list, or from the lift whose code was scanned. */
  refresh() {
    const { estate, token } = this.data
    return load(
      this,
      async () => {
        const found = await read<Ways>(token ? `/lifts/${token}/ways` : `/estates/${estate}/ways`)
        // Who is not known there yet may read no more of the estate.
        if (found.value.ways.length === 0) return { ...found, value: { ways: found.value } }
        const more = await together<Omit<Loaded, 'ways'>>({
          lifts: read(`/estates/${found.value.estate_id}/lifts`),
          insurers: read('/insurers'),
          forecast: forecastOf(found.value.estate_id),
        })
        return { value: { ways: found.value, ...more.value }, at: found.at ?? more.at }
      },
      (loaded: Loaded | { ways: Ways }) => this.shown(loaded),
    )
  },

  shown(loaded: Loaded | { ways: Ways }) {
    const { estate, hint, place, ways } = loaded.ways
    const common = { estateName: estate, hint, places: place ? [place] : [], ways: wayChoices(ways) }
    if (!('lifts' in loaded)) return common
    this.setData({ loaded, insurers: insurerChoices(loaded.insurers) })
    const [only, another] = ways
    if (only && (!another || this.data.token)) this.chooseWay(only)
    return common
  },

  pickWay({ detail }: { detail: { key: string } }) {
    const way = this.data.loaded?.ways.ways.find((one) => keyOf(one) === detail.key)
    if (way) this.chooseWay(way)
  },

  chooseWay(way: Way) {
    const { loaded } = this.data
    this.setData({
      way: keyOf(way),
      words: way.words,
      accounts: accountChoices(way.accounts),
      account: '',
      alone: way.lift_ids.length > 0,
      title: way.applicant === 'independent_owner',
      lifts: loaded ? ownLifts(loaded.lifts, way, loaded.ways.lift_id) : [],
      'wrong.way': '',
    })
    if (this.data.alone) return
    const chosen = loaded && accountOf(way.accounts, loaded.lifts, loaded.ways.lift_id)
    if (chosen) this.chooseAccount(chosen.id)
    this.setData({ elsewhere: !chosen && Boolean(loaded?.ways.lift_id) })
  },

  pickAccount({ detail }: { detail: { key: string } }) {
    this.chooseAccount(detail.key)
  },

  chooseAccount(key: string) {
    const { loaded } = this.data
    const account = this.chosenWay()?.accounts.find(({ id }) => id === key)
    if (!loaded || !account) return
    this.setData({
      account: key,
      available: account.available_fen,
      outlook: outlookOf(loaded.forecast, key),
      lifts: liftChoices(loaded.lifts, account),
      'wrong.account': '',
    })
  },

  chosenWay(): Way | undefined {
    return this.data.loaded?.ways.ways.find((one) => keyOf(one) === this.data.way)
  },

  pickLifts({ detail }: WechatMiniprogram.CheckboxGroupChange) {
    const lifts = this.data.lifts.map((lift) => ({ ...lift, chosen: detail.value.includes(lift.id) }))
    this.setData({ lifts, 'wrong.lifts': '' })
  },

  pickInsurer({ detail }: { detail: { key: string } }) {
    this.setData({ insurer: detail.key, 'wrong.insurer': '' })
  },

  async begin() {
    const { account, alone, insurer, lifts, loaded, busy } = this.data
    const way = this.chosenWay()
    const chosen = lifts.filter((lift) => lift.chosen).map(({ id }) => id)
    const wrong = {
      way: way ? '' : '请选择以什么身份申请。',
      account: account || alone ? '' : '请选择从哪个账户支付。',
      lifts: chosen.length > 0 ? '' : '请至少选一台电梯。',
      insurer: insurer ? '' : '请选择保险机构。',
    }
    this.blame(wrong)
    if (faultsIn(wrong).length > 0 || !way || !loaded || busy) return
    this.setData({ busy: true })
    try {
      const request = {
        route: way.route,
        estate_id: loaded.ways.estate_id,
        account_id: account || null,
        insurer_id: insurer,
        applicant: way.applicant,
        lift_ids: chosen,
      }
      const { id } = await write<Case>('POST', '/purchases', request, `apply:${request.estate_id}`)
      wx.redirectTo({ url: `/pages/case/case?id=${id}` })
    } catch (error) {
      const found = faultsOf(error, FIELDS)
      if (Object.keys(found).length > 0) this.blame({ ...ALL_RIGHT, ...found })
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

/** An estimate beside the form; without it the form is whole. */
const forecastOf = (estate: string): Promise<Seen<EstateForecast | null>> =>
  read<EstateForecast>(`/estates/${estate}/forecast`).catch(() => ({ value: null, at: null }))

const keyOf = ({ route, applicant }: Way): string => `${route}:${applicant}`
