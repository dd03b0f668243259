import { read, write } from '../../lib/api'
import type { Choice } from '../../lib/choices'
import { agreed, dress, load, messageOf, pageState } from '../../lib/page'
import { keepParts } from '../../lib/parts'
import { forgetAllSeen } from '../../lib/seen'
import { signedOut } from '../../lib/session'
import type { RectificationRequest, Departure, SubjectAccess } from '../../lib/types'

interface Section {
  title: string
  items: { key: string; label: string; value: string }[]
}

const LONGEST = 500

/** What is kept about a person: see it, have it corrected, take it along, leave. */
Page({
  data: {
    ...pageState(),
    sections: [] as Section[],
    subjects: [] as Choice[],
    correcting: false,
    what: '',
    text: '',
    wrong: { what: '', text: '' },
    told: '',
    stays: [] as string[],
    said: '',
    gone: false,
    busy: false,
  },

  onLoad() {
    void this.refresh()
  },

  onShow() {
    dress(this)
  },

  refresh() {
    return load(
      this,
      () => read<SubjectAccess>('/me/data'),
      ({ sections }) => ({
        sections: sections.map(({ title, items }) => ({
          title,
          items: items.map((item, index) => ({ ...item, key: `${index}` })),
        })),
        subjects: sections.map(({ title }) => ({ key: title, name: title, note: '' })),
      }),
    )
  },

  correct() {
    this.setData({ correcting: !this.data.correcting, told: '' })
  },

  pickWhat({ detail }: { detail: { key: string } }) {
    this.setData({ what: detail.key, 'wrong.what': '' })
  },

  typeText({ detail }: WechatMiniprogram.Input) {
    this.setData({ text: detail.value, 'wrong.text': '' })
  },

  async send() {
    const { what } = this.data
    const text = this.data.text.trim()
    const wrong = {
      what: what ? '' : '请选择要更正哪一项。',
      text: text ? '' : '请写明错在哪里、应该是什么。',
    }
    if (text.length > LONGEST) wrong.text = `请控制在 ${LONGEST} 字以内。`
    this.setData({ wrong })
    if (wrong.what || wrong.text) return
    await this.working(async () => {
      const body = { what, text }
      const { message } = await write<RectificationRequest>('POST', '/me/rectification-requests', body, 'correction')
      this.setData({ correcting: false, what: '', text: '', told: message })
    })
  },

  async take() {
    await this.working(async () => {
      const { value } = await read<object>('/me/data/export')
      wx.setClipboardData({ data: JSON.stringify(value, null, 2) })
    })
  },

  async leave() {
    const sure = await agreed(
      '注销账号？',
      '您的姓名、手机号和微信身份会被删除，不能恢复。法律要求保留的记录会留下，但不再写明是谁。',
      '注销',
    )
    if (!sure) return
    await this.working(async () => {
      const { message, kept } = await write<Departure>('POST', '/me/departure', { confirm: true })
      forgetAllSeen()
      keepParts({ seats: [], grants: [] })
      signedOut()
      this.setData({ gone: true, told: message, stays: kept })
    })
  },

  async working(work: () => Promise<void>) {
    this.setData({ busy: true, said: '' })
    try {
      await work()
    } catch (error) {
      this.setData({ said: messageOf(error) })
    }
    this.setData({ busy: false })
  },
})
