// createSelectorQuery, for boxes and for a canvas's node.
import type { GeneralComponent } from '../easel'
import { topPage } from '../pages'

type Wanted = { node?: boolean; size?: boolean; rect?: boolean; id?: boolean; dataset?: boolean }
type Caller = { _$: GeneralComponent }
type Done = (result: unknown) => void

class Query {
  private readonly asked: (() => unknown)[] = []

  constructor(private component: GeneralComponent) {}

  in(caller: Caller): this {
    this.component = caller._$
    return this
  }

  select(selector: string) {
    return this.nodes((component) => component.getShadowRoot()?.querySelector(selector) ?? null)
  }

  exec(done?: (results: unknown[]) => void): this {
    setTimeout(() => {
      const results = this.asked.map((ask) => ask())
      done?.(results)
    })
    return this
  }

  private nodes(find: (component: GeneralComponent) => { $$: unknown; id: string } | null) {
    const fields = (wanted: Wanted, done?: Done): this => {
      const { component } = this
      this.asked.push(() => {
        const found = find(component)
        const result = found && describe(found, wanted)
        done?.(result)
        return result
      })
      return this
    }
    return {
      fields,
      boundingClientRect: (done?: Done) => fields({ rect: true, size: true, id: true }, done),
    }
  }
}

function describe(found: { $$: unknown; id: string }, wanted: Wanted): Record<string, unknown> {
  const element = found.$$ as HTMLElement
  const { left, top, right, bottom, width, height } = element.getBoundingClientRect()
  return {
    ...(wanted.id && { id: found.id }),
    ...(wanted.rect && { left, top, right, bottom }),
    ...(wanted.size && { width, height }),
    ...(wanted.node && { node: canvasNode(element) }),
  }
}

function canvasNode(element: HTMLElement): HTMLCanvasElement {
  if (!(element instanceof HTMLCanvasElement)) throw new Error('only a canvas has a node')
  return Object.assign(element, {
    requestAnimationFrame: (work: FrameRequestCallback) => requestAnimationFrame(work),
    createImage: () => new Image(),
  })
}

/** Looks in the page on top, until `in` names a component. */
export function createSelectorQuery(): Query {
  return new Query(topPage().root.getComponent())
}

/** The same, from inside a component. */
export function queryOf(caller: Caller): Query {
  return new Query(caller._$)
}
