import { leadToField } from '../../lib/faults'
import type { Fault } from '../../lib/faults'

/** What is wrong with a form, at its top; each entry leads to its field. `lead` tells {field}. */
Component({
  properties: {
    items: { type: Array, value: [] as Fault[] },
  },
  methods: {
    lead({ currentTarget }: WechatMiniprogram.TouchEvent) {
      const field = String(currentTarget.dataset['field'])
      leadToField(field)
      this.triggerEvent('lead', { field })
    },
  },
})
