// How a built-in tag is told to the framework.
import { glassEasel, type GeneralComponent } from '../easel'
import type { Dict } from '../parts'

type Property = StringConstructor | NumberConstructor | BooleanConstructor | ArrayConstructor | null
type Properties = Record<string, Property | { type: Property; value: unknown }>

export type Tag<E extends HTMLElement = HTMLElement> = {
  properties?: Properties
  /** Once, when the element is in the document. */
  attach?: (element: E, component: GeneralComponent) => void
  /** Whenever properties may have changed, and once before `attach`. */
  show?: (element: E, data: Dict, component: GeneralComponent) => void
  /** What a form collects under the tag's `name`. */
  value?: (element: E) => unknown
}

/** A tag for `element`'s type. */
export function tag<E extends HTMLElement>(definition: Tag<E>): Tag {
  return definition as unknown as Tag
}

const ARIA = [
  'Atomic', 'Busy', 'Checked', 'Controls', 'Current', 'Describedby', 'Disabled', 'Expanded',
  'Haspopup', 'Hidden', 'Invalid', 'Label', 'Labelledby', 'Level', 'Live', 'Modal', 'Orientation',
  'Pressed', 'Required', 'Roledescription', 'Selected', 'Setsize', 'Posinset', 'Valuemax',
  'Valuemin', 'Valuenow', 'Valuetext',
]
const REFERENCES = ['Controls', 'Describedby', 'Labelledby']
const EVERY: Properties = {
  hidden: Boolean,
  hoverClass: String,
  hoverStartTime: Number,
  hoverStayTime: Number,
  hoverStopPropagation: Boolean,
  role: String,
  ariaRole: String,
  ...Object.fromEntries(ARIA.map((name) => [`aria${name}`, null])),
}
const OPERABLE = ['button', 'checkbox', 'link', 'menuitem', 'option', 'radio', 'switch', 'tab']

const values = new WeakMap<Element, () => unknown>()
let ids = 0

/** What a form collects from this element; undefined where it is no field. */
export function valueOf(element: Element): unknown {
  return values.get(element)?.()
}

export function defineTag(space: glassEasel.ComponentSpace, name: string, tag: Tag): void {
  const show = (component: GeneralComponent) => {
    const element = component.$$ as unknown as HTMLElement | null
    // A page that was closed may still get answers; it has nothing to show them on.
    if (!element) return
    const data = component.data as Dict
    showEvery(element, data, component)
    tag.show?.(element, data, component)
  }
  const definition = space.defineComponent({
    is: `wx-${name}`,
    options: { writeFieldsToNode: false },
    properties: { ...EVERY, ...tag.properties } as never,
    observers: [
      {
        fields: '**',
        observer(this: GeneralComponent) {
          show(this)
        },
      },
    ],
    lifetimes: {
      attached(this: GeneralComponent) {
        const element = this.$$ as unknown as HTMLElement
        if (tag.value) values.set(element, () => tag.value?.(element))
        show(this)
        tag.attach?.(element, this)
      },
    },
  })
  space.setGlobalUsingComponent(`wx-${name}`, definition.general())
}

function showEvery(element: HTMLElement, data: Dict, component: GeneralComponent): void {
  element.hidden = Boolean(data.hidden)
  const role = String(data.ariaRole || data.role || '')
  if (role) element.setAttribute('role', role)
  if (OPERABLE.includes(role) && element.tagName.startsWith('WX-')) element.tabIndex = 0
  for (const name of ARIA) {
    const value = data[`aria${name}`]
    const attribute = `aria-${name.toLowerCase()}`
    if (value === null || value === undefined || value === '') element.removeAttribute(attribute)
    else if (REFERENCES.includes(name)) refer(element, attribute, String(value), component)
    else element.setAttribute(attribute, String(value))
  }
}

/** Points `attribute` at the DOM elements of these ids, which the framework keeps to itself. */
export function refer(
  element: HTMLElement,
  attribute: string,
  names: string,
  component: GeneralComponent,
): void {
  queueMicrotask(() => {
    const root = component.ownerShadowRoot
    if (!element.isConnected) return
    const found = names.split(/\s+/).map((name) => {
      const target = root?.getElementById(name)?.$$ as unknown as HTMLElement | undefined
      if (!target) throw new Error(`${component.is}: there is no element with id "${name}"`)
      target.id ||= `id${++ids}`
      return target.id
    })
    element.setAttribute(attribute, found.join(' '))
  })
}
