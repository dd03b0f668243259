import { Problem, read, write } from '../../lib/api'
import type { Choice } from '../../lib/choices'
import { dress, load, messageOf, pageState } from '../../lib/page'
import { together } from '../../lib/together'
import type { Accounts, Case, EstateLifts, Insurers, Uploaded } from '../../lib/types'
import { LiftChoice, accountChoices, insurerChoices, liftChoices } from './view'

interface Loaded {
  accounts: Accounts
  lifts: EstateLifts
  insurers: Insurers
}

const ALL_RIGHT = { account: '', lifts: '', insurer: '', form: '' }

/** The property manager applies: the balance first, then what for, then the signed form. */
Page({
  data: {
    ...pageState(),
    step: 'choose' as 'choose' | 'form' | 'done',
    estate: '',
    id: '',
    number: '',
    loaded: null as Loaded | null,
    accounts: [] as Choice[],
    insurers: [] as Choice[],
    lifts: [] as LiftChoice[],
    account: '',
    insurer: '',
    available: 0,
    form: '',
    sending: false,
    wrong: ALL_RIGHT,
    said: '',
    busy: false,
  },

  onLoad(options: { estate?: string; case?: string }) {
    this.setData({
      estate: options.estate ?? '',
      id: options.case ?? '',
      step: options.case ? 'form' : 'choose',
    })
    void this.refresh()
  },

  onShow() {
    dress(this)
  },

  refresh() {
    return this.data.step === 'form' ? this.openCase() : this.openEstate()
  },

  openEstate() {
    const estate = `/estates/${this.data.estate}`
    return load(
      this,
      () =>
        together<Loaded>({
          accounts: read(`${estate}/accounts`),
          lifts: read(`${estate}/lifts`),
          insurers: read('/insurers'),
        }),
      (loaded) => {
        this.setData({
          loaded,
          accounts: accountChoices(loaded.accounts),
          insurers: insurerChoices(loaded.insurers),
        })
        const [only, another] = loaded.accounts.items
        if (only && !another) this.choose(only.id)
        return loaded.accounts.items.length > 0 ? {} : null
      },
    )
  },

  openCase() {
    return load(
      this,
      () => read<Case>(`/purchases/${this.data.id}`),
      ({ number, state }) => ({ number, step: state === 'drafted' ? 'form' : 'done' }),
    )
  },

  pickAccount({ detail }: { detail: { key: string } }) {
    this.choose(detail.key)
  },

  choose(key: string) {
    const { loaded } = this.data
    const account = loaded?.accounts.items.find(({ id }) => id === key)
    if (!loaded || !account) return
    this.setData({
      account: key,
      available: account.available_fen,
      lifts: liftChoices(loaded.lifts, account),
      'wrong.account': '',
    })
  },

  pickLifts({ detail }: WechatMiniprogram.CheckboxGroupChange) {
    const lifts = this.data.lifts.map((lift) => ({ ...lift, chosen: detail.value.includes(lift.id) }))
    this.setData({ lifts, 'wrong.lifts': '' })
  },

  pickInsurer({ detail }: { detail: { key: string } }) {
    this.setData({ insurer: detail.key, 'wrong.insurer': '' })
  },

  async begin() {
    const { estate, account, insurer, lifts } = this.data
    const chosen = lifts.filter((lift) => lift.chosen).map(({ id }) => id)
    const wrong = {
      account: account ? '' : '请选择从哪个账户支付。',
      lifts: chosen.length > 0 ? '' : '请至少选一台电梯。',
      insurer: insurer ? '' : '请选择保险机构。',
      form: '',
    }
    this.setData({ wrong, said: '' })
    if (wrong.account || wrong.lifts || wrong.insurer) return
    await this.working(async () => {
      const request = {
        route: 'R1',
        estate_id: estate,
        account_id: account,
        insurer_id: insurer,
        applicant: 'property_company',
        lift_ids: chosen,
      }
      const { id, number } = await write<Case>('POST', '/purchases', request, `apply:${estate}`)
      this.setData({ step: 'form', id, number })
      wx.pageScrollTo({ scrollTop: 0, duration: 0 })
    })
  },

  changeForm({ detail }: { detail: { photos: Uploaded[]; busy: boolean } }) {
    const form = detail.photos[0]?.sha256 ?? ''
    this.setData({ form, sending: detail.busy, 'wrong.form': '' })
  },

  async send() {
    const { id, form, sending } = this.data
    const form_wrong = sending ? '申请表还在上传，请稍等。' : '请拍下签字盖章的申请表。'
    if (sending || !form) {
      this.setData({ 'wrong.form': form_wrong })
      return
    }
    await this.working(async () => {
      await write<Case>('POST', `/purchases/${id}/application`, { form_sha256: form })
      this.setData({ step: 'done' })
    })
  },

  async working(work: () => Promise<void>) {
    if (this.data.busy) return
    this.setData({ busy: true, said: '' })
    try {
      await work()
    } catch (error) {
      this.show(error)
    }
    this.setData({ busy: false })
  },

  show(error: unknown) {
    const fields: Record<string, string> = {
      account_id: 'account',
      lift_ids: 'lifts',
      insurer_id: 'insurer',
      form_sha256: 'form',
    }
    const field = error instanceof Problem ? fields[error.field ?? ''] : undefined
    if (field) this.setData({ [`wrong.${field}`]: messageOf(error) })
    else this.setData({ said: messageOf(error) })
  },
})
