import { upload } from '../../lib/api'
import { messageOf, tell } from '../../lib/page'

interface Brush {
  canvas: WechatMiniprogram.Canvas
  context: WechatMiniprogram.CanvasRenderingContext.CanvasRenderingContext2D
}

interface Touched {
  touches: { x: number; y: number }[]
}

const INK = '#1d2129'
const WIDTH = 3

const brushes = new WeakMap<object, Promise<Brush>>()

/** A handwritten name. `signed` tells {sha256} once it was sent, and {sha256: ''} when erased. */
Component({
  properties: {
    hint: { type: String, value: '用手指写下您的姓名，写大一些。' },
  },
  data: {
    inked: false,
    path: '',
    state: 'sending' as 'sending' | 'done' | 'failed',
    words: '',
  },
  methods: {
    async press(event: Touched) {
      const { x, y } = at(event)
      const { context } = await this.brush()
      context.beginPath()
      context.moveTo(x, y)
      if (!this.data.inked) this.setData({ inked: true })
    },
    async draw(event: Touched) {
      const { x, y } = at(event)
      const { context } = await this.brush()
      context.lineTo(x, y)
      context.stroke()
      context.beginPath()
      context.moveTo(x, y)
    },
    async finish() {
      const { canvas } = await this.brush()
      wx.canvasToTempFilePath(
        {
          canvas,
          fileType: 'png',
          success: ({ tempFilePath }) => {
            this.setData({ path: tempFilePath })
            void this.send()
          },
          fail: () => tell('签名没有保存下来，请再写一次。'),
        },
        this,
      )
    },
    async send() {
      this.setData({ state: 'sending', words: '正在上传签名…' })
      try {
        const { sha256 } = await upload(this.data.path)
        this.setData({ state: 'done', words: '签名已保存' })
        this.triggerEvent('signed', { sha256 })
      } catch (error) {
        this.setData({ state: 'failed', words: messageOf(error) })
      }
    },
    async clear() {
      if (!this.data.path) {
        const { canvas, context } = await this.brush()
        context.clearRect(0, 0, canvas.width, canvas.height)
      } else {
        // A new canvas takes the place of the finished signature.
        brushes.delete(this)
      }
      this.setData({ inked: false, path: '' })
      this.triggerEvent('signed', { sha256: '' })
    },
    /** The canvas, looked up once; strokes wait for it in their order. */
    brush(): Promise<Brush> {
      const known = brushes.get(this)
      if (known) return known
      const found = new Promise<Brush>((resolve) => {
        this.createSelectorQuery()
          .select('#ink')
          .fields({ node: true, size: true })
          .exec(([canvas]) => resolve(prepared(canvas)))
      })
      brushes.set(this, found)
      return found
    },
  },
})

const at = ({ touches }: Touched): { x: number; y: number } => touches[0] ?? { x: 0, y: 0 }

function prepared(found: { node: unknown; width: number; height: number }): Brush {
  const canvas = found.node as WechatMiniprogram.Canvas
  const context = canvas.getContext('2d') as Brush['context']
  // Two dots of ink for each of the screen's points keep the line smooth.
  canvas.width = found.width * 2
  canvas.height = found.height * 2
  context.scale(2, 2)
  context.lineWidth = WIDTH
  context.lineCap = 'round'
  context.lineJoin = 'round'
  context.strokeStyle = INK
  return { canvas, context }
}
