import { amount } from '../../lib/words'

/** An amount: fen in, yuan with two decimals shown. */
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
