/** An objection while it is written: kept on the phone, and looked through before it is sent. */

import { forget, keep, recall } from './storage'

export interface Letter {
  kind: string
  text: string
  publish: boolean
  byHand: boolean
  photos: string[]
  signature: string
}

/** How the photos fared on their way to the service. */
export interface Sent {
  busy: boolean
  failed: number
}

export type Wrong = Record<'kind' | 'text' | 'photos' | 'signature', string>

export const nothingWrong = (): Wrong => ({ kind: '', text: '', photos: '', signature: '' })

export const blank = (): Letter => ({
  kind: '',
  text: '',
  publish: false,
  byHand: true,
  photos: [],
  signature: '',
})

/** What was written about this notice and not sent yet; photos and signature are made anew. */
export function draftOf(notice: string): Letter {
  const kept = recall<Letter>(name(notice))
  return { ...blank(), ...kept, photos: [], signature: '' }
}

export const keepDraft = (notice: string, letter: Letter): void => keep(name(notice), letter)

export const dropDraft = (notice: string): void => forget(name(notice))

/** Characters as people count them: one sign is one, blanks around the text are none. */
export const lengthOf = (text: string): number => Array.from(text.trim()).length

/** What is still wrong, in words for each field. */
export function wrongIn(letter: Letter, longest: number, photos: Sent): Wrong {
  const wrong = nothingWrong()
  const length = lengthOf(letter.text)
  if (!letter.kind) wrong.kind = '请选择一个类别。'
  if (length === 0) wrong.text = '请写明反对什么、为什么。'
  else if (length > longest) wrong.text = `超出 ${length - longest} 字，请删短一些。`
  if (photos.failed > 0) {
    wrong.photos = `有 ${photos.failed} 张照片没有传上去，请重新上传，或者删掉它。`
  }
  if (photos.busy) wrong.photos = '照片还在上传，请稍等片刻。'
  if (letter.byHand && !letter.signature) wrong.signature = '请手写签名，再点“签好了”。'
  return wrong
}

/** What is sent to the service. */
export const bodyOf = ({ kind, text, publish, photos, byHand, signature }: Letter): object => ({
  kind,
  text: text.trim(),
  publish_text: publish,
  photos,
  ...(byHand ? { signature } : {}),
})

const name = (notice: string): string => `draft:${notice}`
