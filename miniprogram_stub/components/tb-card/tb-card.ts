/** A white block with a heading; `tone` good, wait or bad tints it. */
Component({
  properties: {
    heading: { type: String, value: '' },
    tone: { type: String, value: '' },
  },
})
