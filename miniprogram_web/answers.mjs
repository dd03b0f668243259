// Canned answers for looking at a page or testing it without a server.

const API = '/api/v1'
const PRINTED = 'https://tibao.example.cn/e/'

/** The script that tells the runtime about its surroundings; the emulator serves its own. */
export function host(now) {
  return `window.miniHost = ${JSON.stringify({ printed: PRINTED, now })}`
}

/**
 * @param {Record<string, unknown>} answers `"GET /public/city"` → body, or `[status, body]`, or a
 *     function of the request that gives either. Paths are below /api/v1; `/sandbox/…` as it is.
 * @param {{method: string, path: string, body: unknown}} request
 * @returns {{status: number, body: unknown}} 404 for what is not there, with a plain problem
 */
export function answer(answers, request) {
  const path = request.path.startsWith(API) ? request.path.slice(API.length) : request.path
  const key = `${request.method} ${path}`
  let found = answers[key] ?? answers[key.split('?')[0]]
  if (typeof found === 'function') found = found({ ...request, path })
  if (found === undefined) found = emulator(request.method, path)
  if (found === undefined) {
    return { status: 404, body: { code: 'no_canned_answer', message: `没有备好的回答：${key}` } }
  }
  const whole = Array.isArray(found) && typeof found[0] === 'number' ? found : [200, found]
  return { status: whole[0], body: whole[1] }
}

/** What the emulator would say, so that a test names only what it is about. */
function emulator(method, path) {
  if (path === '/sandbox/templates') return { subscribe_templates: [] }
  if (path === '/sandbox/wall') return { codes: [] }
  if (path.endsWith('/login-code')) return { code: 'login-code' }
  if (path.endsWith('/phone-code')) return { code: 'phone-code' }
  return path.startsWith('/sandbox/') && method === 'POST' ? {} : undefined
}
