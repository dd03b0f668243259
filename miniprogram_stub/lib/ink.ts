/** Whether what was drawn can be a name, judged as the service judges the picture of it. */

interface Point {
  x: number
  y: number
}

/** The ink must be found in one of so many parts of the paper's width or height. */
const PARTS = 8

/** How much of the paper's columns and rows the strokes have touched; `width` of the pen. */
export class Ink {
  private readonly columns = new Set<number>()
  private readonly rows = new Set<number>()

  constructor(private readonly pen: number) {}

  /** A stroke from one point to another. */
  add(from: Point, to: Point): void {
    touch(this.columns, from.x, to.x, this.pen / 2)
    touch(this.rows, from.y, to.y, this.pen / 2)
  }

  /** Neither nothing nor a dot. */
  isName(width: number, height: number): boolean {
    return Math.max(this.columns.size, this.rows.size) >= Math.max(width, height) / PARTS
  }
}

function touch(touched: Set<number>, one: number, other: number, half: number): void {
  const last = Math.ceil(Math.max(one, other) + half)
  for (let at = Math.floor(Math.min(one, other) - half); at < last; at += 1) touched.add(at)
}
