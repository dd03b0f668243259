import { EMERGENCY, call } from '../../lib/emergency'

/** When people are trapped: the number first, then what to do. */
Component({
  properties: {
    phone: { type: String, value: EMERGENCY.phone },
    text: { type: String, value: EMERGENCY.text },
    source: { type: String, value: '' },
  },
  methods: {
    dial() {
      call(this.data.phone)
    },
  },
})
