import type { Choice } from '../../lib/choices'

/** One of several, each with a name and a word of help. `change` tells {key}. */
Component({
  properties: {
    items: { type: Array, value: [] as Choice[] },
    value: { type: String, value: '' },
  },
  methods: {
    pick({ detail }: WechatMiniprogram.RadioGroupChange) {
      this.triggerEvent('change', { key: detail.value })
    },
  },
})
