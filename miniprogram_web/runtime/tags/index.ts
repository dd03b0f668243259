// The built-in tags, by their WXML names.
import { glassEasel } from '../easel'
import { button, form, navigator, picker } from './actions'
import { checkbox, checkboxGroup, input, label, radio, radioGroup, switchTag, textarea } from './fields'
import { canvas, image, scrollView, text, view } from './content'
import { defineTag } from './define'

const TAGS = {
  button,
  canvas,
  checkbox,
  'checkbox-group': checkboxGroup,
  form,
  image,
  input,
  label,
  navigator,
  picker,
  radio,
  'radio-group': radioGroup,
  'scroll-view': scrollView,
  switch: switchTag,
  text,
  textarea,
  view,
}

export function defineTags(space: glassEasel.ComponentSpace): void {
  for (const [name, definition] of Object.entries(TAGS)) defineTag(space, name, definition)
}
