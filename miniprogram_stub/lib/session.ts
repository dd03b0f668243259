/** Who holds this phone, as the service knows it. Signing in asks nothing of the person. */

import { now } from './clock'
import { offline, send } from './http'
import { forget, keep, recall } from './storage'

interface Session {
  token: string
  expires_at: string
}

const NAME = 'session'
const EARLY_MS = 60_000

let running: Promise<void> | null = null

/** Resolves when there is a session; signs in once, however many pages ask at the same time. */
export function signedIn(): Promise<void> {
  if (bearer() !== null) return Promise.resolve()
  running ??= signIn().finally(() => {
    running = null
  })
  return running
}

/** The token of the session that still runs. */
export function bearer(): string | null {
  const session = recall<Session>(NAME)
  if (session === null || Date.parse(session.expires_at) - EARLY_MS < now()) return null
  return session.token
}

/** The service does not know this session any more, or the person leaves. */
export function signedOut(): void {
  forget(NAME)
}

async function signIn(): Promise<void> {
  const code = await loginCode()
  keep(NAME, (await send('POST', '/sessions', {}, { code })) as Session)
}

function loginCode(): Promise<string> {
  return new Promise((resolve, reject) => {
    wx.login({ success: ({ code }) => resolve(code), fail: () => reject(offline()) })
  })
}
