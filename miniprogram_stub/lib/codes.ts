/** From what a scan brings to the 26 characters of a lift. All of it is input from outside. */

import { PRINTED } from './address'

const TOKEN = /^[0-9a-hjkmnp-tv-z]{26}$/

export interface Options {
  q?: string
  scene?: string
  token?: string
}

/** Whether the page was opened with a code at all, good or bad. */
export const hasCode = ({ q, scene, token }: Options): boolean =>
  q !== undefined || scene !== undefined || token !== undefined

/**
 * The token in what opened the page: `q` is the printed address, encoded once by the platform;
 * `scene` is the token of a mini-program code; `token` comes from our own pages. Null for a code
 * that is foreign, cut off, too long or encoded twice.
 */
export function tokenOf({ q, scene, token }: Options): string | null {
  if (q !== undefined) return tokenInAddress(decoded(q))
  return checked(scene !== undefined ? decoded(scene) : token)
}

/** The token in what the phone's camera read: a printed address or the path of our own code. */
export function tokenOfScan(result: string, path: string | undefined): string | null {
  const scene = /^\/?pages\/lift\/lift\?scene=([^&]*)$/.exec(path ?? '')?.[1]
  return scene !== undefined ? tokenOf({ scene }) : tokenInAddress(result)
}

function tokenInAddress(address: string): string | null {
  return address.startsWith(PRINTED) ? checked(address.slice(PRINTED.length)) : null
}

const checked = (text: string | undefined): string | null =>
  text !== undefined && TOKEN.test(text) ? text : null

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
