import { Problem, write } from '../../lib/api'
import { messageOf } from '../../lib/page'
import type { PhoneAnswer, Place } from '../../lib/types'

interface Given {
  detail: { code?: string }
}

const NO_PHONE = '没有拿到手机号。您可以再试一次，或者填写房屋信息，由中心核验。'

/**
 * Says who one is on the roster: by the phone that WeChat vouches for, else by the flat and the
 * name, for the centre to check. `verified` when a home was found, `submitted` when the centre has it.
 */
Component({
  properties: {
    places: { type: Array, value: [] as Place[] },
  },
  data: {
    form: false,
    busy: false,
    said: '',
    labels: [] as string[],
    at: 0,
    room: '',
    name: '',
    errors: { room: '', name: '' },
  },
  observers: {
    places(places: Place[]) {
      this.setData({
        at: 0,
        labels: places.map(({ estate, building, unit }) => `${estate}${building}${unit}`),
      })
    },
  },
  methods: {
    async matchPhone({ detail }: Given) {
      if (!detail.code) {
        this.setData({ said: NO_PHONE, form: true })
        return
      }
      await this.working(async () => {
        const body = { code: detail.code }
        const answer = await write<PhoneAnswer>('POST', '/me/phone', body, 'phone')
        if (answer.homes.length > 0) this.triggerEvent('verified')
        else this.setData({ said: answer.message, form: true })
      })
    },
    lead() {
      this.setData({ form: true, said: '' })
    },
    pickPlace({ detail }: WechatMiniprogram.PickerChange) {
      this.setData({ at: Number(detail.value) })
    },
    typeRoom({ detail }: WechatMiniprogram.Input) {
      this.setData({ room: detail.value, 'errors.room': '' })
    },
    typeName({ detail }: WechatMiniprogram.Input) {
      this.setData({ name: detail.value, 'errors.name': '' })
    },
    async submit() {
      const room = this.data.room.trim()
      const name = this.data.name.trim()
      const place = this.data.places[this.data.at] as Place | undefined
      const errors = {
        room: room ? '' : '请填写房号，例如 301。',
        name: name.length > 1 ? '' : '请填写产权证上的完整姓名。',
      }
      this.setData({ errors })
      if (errors.room || errors.name || !place) return
      await this.working(async () => {
        const { estate_code, building, unit } = place
        await write('POST', '/owner-verifications/owner', { estate_code, building, unit, room, name }, 'submit')
        this.triggerEvent('submitted')
      })
    },
    async working(work: () => Promise<void>) {
      this.setData({ busy: true, said: '' })
      try {
        await work()
      } catch (error) {
        this.show(error)
      }
      this.setData({ busy: false })
    },
    show(error: unknown) {
      const field = error instanceof Problem ? error.field : null
      if (field === 'room' || field === 'name') {
        this.setData({ [`errors.${field}`]: messageOf(error) })
      } else {
        const phone = error instanceof Problem && error.code.startsWith('phone_')
        this.setData({ said: messageOf(error), form: this.data.form || phone })
      }
    },
  },
})
