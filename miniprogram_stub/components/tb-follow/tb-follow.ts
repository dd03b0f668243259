import { write } from '../../lib/api'
import { city } from '../../lib/city'
import { messageOf, tell } from '../../lib/page'
import { forget, keep, recall } from '../../lib/storage'
import { ask } from '../../lib/subscribe'
import type { Key } from '../../lib/subscribe'

const TOLD = '有变化时，您会收到一条微信消息。'
const SILENT = '您没有同意接收消息。有变化时，请到这里查看。'

const name = (path: string): string => `followed:${path}`

/** Follow a lift or a notice: first why, then WeChat's own question, then the service is told. */
Component({
  properties: {
    heading: { type: String, value: '' },
    words: { type: String, value: '' },
    path: { type: String, value: '' },
    keys: { type: Array, value: [] as Key[] },
  },
  data: {
    step: 'idle' as 'idle' | 'why' | 'followed',
    reasons: [] as { title: string; why: string }[],
    told: '',
    busy: false,
  },
  observers: {
    path(path: string) {
      const told = recall<string>(name(path))
      this.setData({ step: told ? 'followed' : 'idle', told: told ?? '' })
    },
  },
  methods: {
    async explain() {
      await this.working(async () => {
        const wanted = (await city()).subscriptions.filter(({ key }) =>
          this.data.keys.includes(key as Key),
        )
        this.setData({ step: 'why', reasons: wanted })
      })
    },
    async agree() {
      const accepted = await ask(this.data.keys)
      await this.working(async () => {
        await write('POST', this.data.path)
        const told = accepted ? TOLD : SILENT
        keep(name(this.data.path), told)
        this.setData({ step: 'followed', told })
      })
    },
    decline() {
      this.setData({ step: 'idle' })
    },
    async leave() {
      await this.working(async () => {
        await write('DELETE', this.data.path)
        forget(name(this.data.path))
        this.setData({ step: 'idle', told: '' })
      })
    },
    async working(work: () => Promise<void>) {
      this.setData({ busy: true })
      try {
        await work()
      } catch (error) {
        tell(messageOf(error))
      }
      this.setData({ busy: false })
    },
  },
})
