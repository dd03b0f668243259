/** From what a scan brings to the 26 characters of a lift. All of it is input from outside. */

import { DESK, INVITATION, PRINTED } from './address'

const TOKEN = /^[0-9a-hjkmnp-tv-z]{26}$/
const DESK_CODE = /^[A-Za-z0-9_-]{48}$/

export interface Options {
  q?: string
  scene?: string
  token?: string
}

/** Whether the page was opened with a code at all, good or bad. */
export const hasCode = ({ q, scene, token }: Options): boolean =>
  q !== undefined || scene !== undefined || token !== undefined

/**
 * The token in what opened the page: `q` is the printed address, `scene` the token of a mini-program
 * code, `token` comes from our own pages. However often it was encoded, and whatever apps put behind
 * it (`/`, `?from=…`, `&scancode_time=…`), it is read as meant, as the service reads it. Null for a
 * code that is foreign, cut off or too long.
 */
export function tokenOf({ q, scene, token }: Options): string | null {
  return q !== undefined ? tokenInAddress(q) : checked(scene ?? token)
}

/** The token in what the phone's camera read: a printed address or the path of our own code. */
export function tokenOfScan(result: string, path: string | undefined): string | null {
  const scene = /^\/?pages\/lift\/lift\?(?:.*&)?scene=([^&]*)/.exec(path ?? '')?.[1]
  return scene !== undefined ? tokenOf({ scene }) : tokenInAddress(result)
}

/** The code of the desk in what the camera read from a PC's screen; null for any other. */
export const deskCodeOfScan = (result: string): string | null => onScreen(result, DESK)

/** The same of an invitation on a keeper's screen. */
export const invitationOfScan = (result: string): string | null => onScreen(result, INVITATION)

function onScreen(result: string, printed: string): string | null {
  const code = result.startsWith(printed) ? result.slice(printed.length) : ''
  return DESK_CODE.test(code) ? code : null
}

function tokenInAddress(encoded: string): string | null {
  const address = decoded(encoded)
  return address.startsWith(PRINTED) ? checked(address.slice(PRINTED.length)) : null
}

function checked(code: string | undefined): string | null {
  const token = decoded(code ?? '').replace(/[?&#][\s\S]*$/, '').replace(/\/+$/, '')
  return TOKEN.test(token) ? token : null
}

/** Encoded once by the platform, sometimes again by who passed it on: at most three times. */
function decoded(text: string): string {
  try {
    for (let times = 0; times < 3 && text.includes('%'); times += 1) text = decodeURIComponent(text)
    return text
  } catch {
    return ''
  }
}
