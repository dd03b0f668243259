/** A field with its label, a hint and what is wrong with it; the control is in the slot. */
Component({
  properties: {
    label: { type: String, value: '' },
    hint: { type: String, value: '' },
    error: { type: String, value: '' },
    optional: { type: Boolean, value: false },
  },
})
