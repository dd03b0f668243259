import { read, write } from '../../lib/api'
import type { Choice } from '../../lib/choices'
import { Fault, faultsIn, faultsOf, leadToFaults } from '../../lib/faults'
import { dress, load, messageOf, pageState } from '../../lib/page'
import { parts } from '../../lib/parts'
import { together } from '../../lib/together'
import type { Sent } from '../../lib/letter'
import type { Accounts, Case, EstateLifts, Insurers, Uploaded } from '../../lib/types'
import { LiftChoice, accountChoices, insurerChoices, liftChoices } from './view'

interface Loaded {
  accounts: Accounts
  lifts: EstateLifts
  insurers: Insurers
}

/** What the service calls the fields of the form. */
const FIELDS = {
  account_id: 'account',
  lift_ids: 'lifts',
  insurer_id: 'insurer',
  form_sha256: 'form',
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
    sent: { busy: false, failed: 0 },
    wrong: ALL_RIGHT,
    faults: [] as Fault[],
    home: '',
    homeName: '',
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
    const manages = parts().manager
    this.setData({
      home: manages ? '/pages/manager/manager' : '/pages/mine/mine',
      homeName: manages ? '回到物业待办' : '回到“我的”',
    })
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
    this.blame(wrong)
    if (faultsIn(wrong).length > 0) return
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

  changeForm({ detail }: { detail: Sent & { photos: Uploaded[] } }) {
    const form = detail.photos[0]?.sha256 ?? ''
    const { busy, failed } = detail
    this.setData({ form, sent: { busy, failed }, 'wrong.form': '' })
  },

  async send() {
    const { id, form, sent } = this.data
    if (sent.busy || !form) {
      this.blame({ ...ALL_RIGHT, form: formWrong(sent) })
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
    const wrong = faultsOf(error, FIELDS)
    if (Object.keys(wrong).length > 0) this.blame({ ...ALL_RIGHT, ...wrong })
    else this.setData({ said: messageOf(error) })
  },

  /** Say what is wrong at the top of the form, where the reader is led. */
  blame(wrong: typeof ALL_RIGHT) {
    const faults = faultsIn(wrong)
    this.setData({ wrong, faults, said: '' })
    if (faults.length > 0) leadToFaults()
  },
})

function formWrong({ busy, failed }: Sent): string {
  if (busy) return '申请表还在上传，请稍等。'
  return failed ? '申请表没有传上去，请重新上传。' : '请拍下签字盖章的申请表。'
}
