import { now } from '../../lib/clock'
import type { Reason } from '../../lib/types'
import { lastMoment, left } from '../../lib/words'

const EVERY_MS = 20_000

const timers = new WeakMap<object, number>()

/** How long until a notice ends, the exact last moment, and why it is that one. */
Component({
  properties: {
    ends: { type: String, value: '' },
    stopped: { type: String, value: '' },
    words: { type: String, value: '' },
    explanation: { type: Array, value: [] as Reason[] },
  },
  data: { shown: '', before: '', last: '', after: '', over: false, open: false },
  observers: {
    'ends, stopped, words'() {
      this.tick()
    },
  },
  lifetimes: {
    attached() {
      timers.set(this, setInterval(() => this.tick(), EVERY_MS) as unknown as number)
    },
    detached() {
      clearInterval(timers.get(this) ?? 0)
    },
  },
  methods: {
    tick() {
      const { ends, stopped, words } = this.data
      if (!ends) return
      const { text, over } = left(ends, now())
      const shown = stopped || (over ? '公示已经结束' : text)
      this.setData({ shown, over: over && !stopped, ...emphasized(words, lastMoment(ends), stopped !== '') })
    },
    toggle() {
      this.setData({ open: !this.data.open })
    },
  },
})

/** The sentence around the last moment; where it does not name the moment, the moment follows. */
function emphasized(
  words: string,
  last: string,
  stopped: boolean,
): { before: string; last: string; after: string } {
  const [before = '', ...rest] = words.split(last)
  if (rest.length > 0) return { before, last, after: rest.join(last) }
  return { before: `${words}${stopped ? '原定' : ''}截止到 `, last, after: '。' }
}
