import { amount } from '../../lib/words'

/** An amount: fen in, yuan shown. */
Component({
  properties: {
    fen: { type: Number, value: 0 },
  },
  data: { shown: '' },
  observers: {
    fen(fen: number) {
      this.setData({ shown: amount(fen) })
    },
  },
})
