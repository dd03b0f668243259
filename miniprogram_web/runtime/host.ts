// Who runs this page: whose phone it is, what is printed on codes, what time the sandbox has.

type Host = { printed: string; now: string }

declare global {
  interface Window {
    /** Set by host.js, which the emulator makes afresh for every visit. */
    miniHost: Host
  }
}

export const host = window.miniHost

const CLOCK_HEADER = 'X-Sandbox-Now'
let offset = Date.parse(host.now) - Date.now()

/** Sandbox time in milliseconds, as Date.now() gives the machine's. */
export function now(): number {
  return Date.now() + offset
}

/** Every answer that came through the emulator tells its time. */
export function heed(response: Response): Response {
  const told = response.headers.get(CLOCK_HEADER)
  if (told) offset = Date.parse(told) - Date.now()
  return response
}

/** Whose phone this is: `?as=王芳` of the address. */
export function person(): string {
  return new URLSearchParams(location.search).get('as') || '路人'
}

/** Asks the emulator's control API to act for this person, who is made when not yet known. */
export async function act(what: string, body?: unknown): Promise<Record<string, unknown>> {
  const path = `/sandbox/people/${encodeURIComponent(person())}/${what}`
  let response = await post(path, body)
  if (response.status === 404) {
    await post('/sandbox/people', { name: person() })
    response = await post(path, body)
  }
  const answer = (await response.json()) as Record<string, unknown>
  if (!response.ok) throw new Error(`the emulator: ${JSON.stringify(answer)}`)
  return answer
}

/** What a subscribe template is called, by its id. */
export async function templateTitles(): Promise<Record<string, string>> {
  const response = await fetch('/sandbox/templates')
  const { subscribe_templates: templates } = (await response.json()) as {
    subscribe_templates: { template_id: string; title: string }[]
  }
  return Object.fromEntries(templates.map((template) => [template.template_id, template.title]))
}

/** The codes that hang on the wall, for whoever has no camera: what each shows and says. */
export async function codesOnTheWall(): Promise<{ title: string; text: string }[]> {
  const response = await fetch('/sandbox/wall')
  return ((await response.json()) as { codes: { title: string; text: string }[] }).codes
}

function post(path: string, body?: unknown): Promise<Response> {
  return fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
}
