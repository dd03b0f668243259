import { openFile, read, write } from '../../lib/api'
import { now } from '../../lib/clock'
import type { Sent } from '../../lib/letter'
import { agreed, dress, load, messageOf, pageState, tell } from '../../lib/page'
import type { OwnCase, Uploaded } from '../../lib/types'
import { jointPath, jointTitle } from '../../lib/words'
import { View, viewOf } from './view'

const NOTHING_WRONG = { form: '', statement: '', title: '', record: '' }
const NOTHING_SENT = { sha256: '', busy: false, failed: 0 }

/** One application at work: what it waits for and until when, and what the applicant can do now. */
Page({
  data: {
    ...pageState(),
    id: '',
    shown: null as View | null,
    form: '',
    sent: { busy: false, failed: 0 },
    title: NOTHING_SENT,
    record: NOTHING_SENT,
    statement: '',
    /** What is typed about warranty and fee; null until somebody does: then what was said last counts. */
    already: null as string | null,
    wrong: NOTHING_WRONG,
    said: '',
    busy: '',
    /** Whether it is shown how the latest day for the next year was counted. */
    counted: false,
  },

  onLoad(options: { id?: string }) {
    this.setData({ id: options.id ?? '' })
  },

  onShow() {
    dress(this)
    void this.refresh()
  },

  onPullDownRefresh() {
    void this.refresh().finally(() => wx.stopPullDownRefresh())
  },

  /** Only an application that owners sign has something to send to others. */
  onShareAppMessage() {
    const { id, shown } = this.data
    return { title: jointTitle(shown?.estate ?? ''), path: jointPath(id) }
  },

  refresh() {
    return load(
      this,
      () => read<OwnCase>(`/purchases/${this.data.id}/my-part`),
      (found) => ({ shown: viewOf(found, now()) }),
    )
  },

  async openForm() {
    const { id, shown } = this.data
    await this.working('open', () => openFile(`/purchases/${id}/application-form`, shown?.number ?? id), '')
  },

  changeForm({ detail }: { detail: Sent & { photos: Uploaded[] } }) {
    const { busy, failed } = detail
    this.setData({ form: detail.photos[0]?.sha256 ?? '', sent: { busy, failed }, 'wrong.form': '' })
  },

  changeTitle({ detail }: { detail: Sent & { photos: Uploaded[] } }) {
    this.setData({ title: sentOf(detail), 'wrong.title': '' })
  },

  changeRecord({ detail }: { detail: Sent & { photos: Uploaded[] } }) {
    this.setData({ record: sentOf(detail), 'wrong.record': '' })
  },

  /** An owner who insures alone hands in papers, and signs no form. */
  async applyAlone() {
    const { title, record } = this.data
    const wrong = { title: missing(title, '产权证明'), record: missing(record, '维保记录') }
    this.setData({ 'wrong.title': wrong.title, 'wrong.record': wrong.record })
    if (wrong.title || wrong.record) return
    const body = { title_sha256: title.sha256, upkeep_record_sha256: record.sha256 }
    await this.step('apply', '/own-application', body, '已经提交，等保险机构查勘')
  },

  typeAlready({ detail }: WechatMiniprogram.Input) {
    this.setData({ already: detail.value })
  },

  async apply() {
    const { form, sent, shown } = this.data
    if (!shown) return
    if (!shown.form_made_here && (sent.busy || !form)) {
      this.setData({ 'wrong.form': formWrong(sent) })
      return
    }
    const already = (this.data.already ?? shown.warranty_and_fee ?? '').trim()
    const body = {
      ...(shown.form_made_here ? {} : { form_sha256: form }),
      ...(already ? { warranty_and_fee: already } : {}),
    }
    await this.step('apply', '/application', body, '申请已经提交')
  },

  toggleCount() {
    this.setData({ counted: !this.data.counted })
  },

  typeStatement({ detail }: WechatMiniprogram.Input) {
    this.setData({ statement: detail.value, 'wrong.statement': '' })
  },

  async rectify() {
    const statement = this.data.statement.trim()
    if (!statement) {
      this.setData({ 'wrong.statement': '请写明整改了什么。' })
      return
    }
    await this.step('rectify', '/rectification', { statement }, '已经提交，等保险机构再来查勘')
  },

  async draftNotice() {
    await this.working(
      'draft_notice',
      async () => {
        const notice = await write<{ id: string }>('POST', `/purchases/${this.data.id}/notice`)
        wx.navigateTo({ url: `/pages/posting/posting?notice=${notice.id}` })
      },
      '',
    )
  },

  async requestPayment() {
    const words = '提交后，合同和发票交给中心核对；有问题会退回来改。'
    if (!(await agreed('申请拨付保费？', words, '提交'))) return
    await this.step('request_payment', '/payment-request', {}, '已经申请拨付')
  },

  async step(name: string, path: string, body: object, done: string) {
    await this.working(
      name,
      async () => {
        await write('POST', `/purchases/${this.data.id}${path}`, body)
        await this.refresh()
      },
      done,
    )
  },

  async working(name: string, work: () => Promise<void>, done: string) {
    if (this.data.busy) return
    this.setData({ busy: name, said: '' })
    try {
      await work()
      if (done) tell(done)
    } catch (error) {
      this.setData({ said: messageOf(error) })
      wx.pageScrollTo({ selector: '.said', offsetTop: -110, duration: 0 })
    }
    this.setData({ busy: '' })
  },
})

const sentOf = ({ busy, failed, photos }: Sent & { photos: Uploaded[] }) => ({
  sha256: photos[0]?.sha256 ?? '',
  busy,
  failed,
})

function missing({ sha256, busy, failed }: typeof NOTHING_SENT, name: string): string {
  if (busy) return `${name}还在上传，请稍等。`
  if (sha256) return ''
  return failed ? `${name}没有传上去，请重新上传。` : `请拍下${name}。`
}

function formWrong({ busy, failed }: Sent): string {
  if (busy) return '申请表还在上传，请稍等。'
  return failed ? '申请表没有传上去，请重新上传。' : '请拍下签字盖章的申请表。'
}
