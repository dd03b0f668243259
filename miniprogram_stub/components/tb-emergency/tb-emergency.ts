import { call, emergencyKept, firstAdvice } from '../../lib/emergency'
import type { Emergency } from '../../lib/types'

/** When people are trapped: whom to call and what to do first. It stays on the screen, in every
 * state of the page; without `help` it says what the city said last. */
Component({
  properties: {
    help: { type: Object, value: null as unknown as Emergency },
  },
  data: { phone: '', first: '' },
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
      const { phone, text } = this.data.help ?? emergencyKept()
      this.setData({ phone, first: firstAdvice(text) })
    },
    dial() {
      call(this.data.phone)
    },
  },
})
