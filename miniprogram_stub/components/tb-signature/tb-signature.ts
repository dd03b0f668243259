import { upload } from '../../lib/api'
import { Ink } from '../../lib/ink'
import { messageOf, tell } from '../../lib/page'

interface Brush {
  ink: Ink
  at: Point
  width: number
  height: number
  canvas: WechatMiniprogram.Canvas
  context: WechatMiniprogram.CanvasRenderingContext.CanvasRenderingContext2D
}

interface Point {
  x: number
  y: number
}

interface Touched {
  touches: Point[]
}

const INK = '#1d2129'
const WIDTH = 3
const TOO_SMALL = '签名太小或没有写完，请用手指把姓名写满签名框。'

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
    wrong: '',
  },
  methods: {
    async press(event: Touched) {
      const point = at(event)
      const brush = await this.brush()
      brush.context.beginPath()
      brush.context.moveTo(point.x, point.y)
      brush.at = point
      if (!this.data.inked) this.setData({ inked: true })
    },
    async draw(event: Touched) {
      const point = at(event)
      const brush = await this.brush()
      brush.context.lineTo(point.x, point.y)
      brush.context.stroke()
      brush.context.beginPath()
      brush.context.moveTo(point.x, point.y)
      brush.ink.add(brush.at, point)
      brush.at = point
    },
    async finish() {
      const { canvas, ink, width, height } = await this.brush()
      if (!ink.isName(width, height)) {
        this.setData({ wrong: TOO_SMALL })
        return
      }
      this.setData({ wrong: '' })
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
        const brush = await this.brush()
        brush.context.clearRect(0, 0, brush.canvas.width, brush.canvas.height)
        brush.ink = new Ink(WIDTH)
      } else {
        // A new canvas takes the place of the finished signature.
        brushes.delete(this)
      }
      this.setData({ inked: false, path: '', wrong: '' })
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

const at = ({ touches }: Touched): Point => touches[0] ?? { x: 0, y: 0 }

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
  const { width, height } = found
  return { canvas, context, ink: new Ink(WIDTH), at: { x: 0, y: 0 }, width, height }
}
