import { SIZES, elderSize, setElder } from '../../lib/elder'

/** How large the print is, to choose; `change` when it was. */
Component({
  data: {
    sizes: SIZES.map((name, size) => ({ key: String(size), name, note: '' })),
    size: '0',
  },
  lifetimes: {
    attached() {
      this.setData({ size: String(elderSize()) })
    },
  },
  methods: {
    pick({ detail }: { detail: { key: string } }) {
      setElder(Number(detail.key))
      this.setData({ size: detail.key })
      this.triggerEvent('change')
    },
  },
})
