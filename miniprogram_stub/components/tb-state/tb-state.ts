import type { Phase, Trouble } from '../../lib/page'

/** What a page shows while it has nothing else: loading, empty, offline, trouble with a way on. */
Component({
  properties: {
    phase: { type: String, value: 'loading' as Phase },
    kept: { type: String, value: '' },
    trouble: { type: Object, value: null as unknown as Trouble },
    nothing: { type: String, value: '这里还没有内容' },
    hint: { type: String, value: '' },
  },
  methods: {
    retry() {
      this.triggerEvent('retry')
    },
  },
})
