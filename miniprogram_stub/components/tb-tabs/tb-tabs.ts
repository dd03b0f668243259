import { SIZES, elderSize, nextSize, setElder } from '../../lib/elder'
import { parts } from '../../lib/parts'
import { recents } from '../../lib/recents'

interface Tab {
  name: string
  label: string
  url: string
}

/**
 * The pages this person has a part in, at the bottom of the screen; with `sizes` also the next size
 * of the print, `resized` when it was taken.
 */
Component({
  properties: {
    current: { type: String, value: '' },
    /** Turns true when the page has learnt which parts the person has. */
    known: { type: Boolean, value: false },
    sizes: { type: Boolean, value: false },
  },
  data: { tabs: [] as Tab[], next: '' },
  observers: {
    known() {
      this.look()
    },
  },
  lifetimes: {
    attached() {
      this.look()
    },
  },
  pageLifetimes: {
    show() {
      this.look()
    },
  },
  methods: {
    look() {
      this.setData({ tabs: tabs(), next: SIZES[nextSize(elderSize())] ?? '' })
    },
    larger() {
      setElder(nextSize(elderSize()))
      this.look()
      this.triggerEvent('resized')
    },
  },
})

function tabs(): Tab[] {
  const last = recents()[0]
  const { committee, manager } = parts()
  const lift = '/pages/lift/lift' + (last ? `?token=${last.token}` : '')
  return [
    { name: 'lift', label: '电梯', url: lift },
    ...(committee ? [{ name: 'committee', label: '业委会', url: '/pages/committee/committee' }] : []),
    ...(manager ? [{ name: 'manager', label: '物业', url: '/pages/manager/manager' }] : []),
    { name: 'mine', label: '我的', url: '/pages/mine/mine' },
  ]
}
