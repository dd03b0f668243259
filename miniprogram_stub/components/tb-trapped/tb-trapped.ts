import { emergencyKept } from '../../lib/emergency'
import type { Emergency } from '../../lib/types'

/** What to do in a lift that is stuck, and what to say on the telephone when the lift is known. */
Component({
  properties: {
    help: { type: Object, value: null as unknown as Emergency },
    place: { type: String, value: '' },
  },
  data: { text: '', source: '' },
  observers: {
    help() {
      this.look()
    },
  },
  lifetimes: {
    attached() {
      this.look()
    },
  },
  methods: {
    look() {
      const { text, source } = this.data.help ?? emergencyKept()
      this.setData({ text, source: source ?? '' })
    },
  },
})
