// wx.request and its kin, as fetch against the page's own origin.
import { allowed } from '../addresses'
import { heed } from '../host'
import { settle, type Callbacks } from './call'
import { fileOf, keepFile } from './files'

type Sending = Callbacks & {
  url: string
  header?: Record<string, string>
  timeout?: number
}
type Request = Sending & {
  method?: string
  data?: unknown
  dataType?: string
  responseType?: 'text' | 'arraybuffer'
}

export function request(options: Request): { abort: () => void } {
  return task('request', options, async (send) => {
    const method = (options.method ?? 'GET').toUpperCase()
    const header = { 'content-type': 'application/json', ...lowered(options.header) }
    const response = await send(withQuery(options, method), {
      method,
      headers: header,
      body: method === 'GET' ? undefined : bodyOf(options.data, header['content-type']),
    })
    const data =
      options.responseType === 'arraybuffer'
        ? await response.arrayBuffer()
        : parsed(await response.text(), options.dataType ?? 'json')
    return { data, ...head(response), cookies: [] }
  })
}

export function uploadFile(
  options: Sending & { filePath: string; name: string; formData?: Record<string, string> },
): { abort: () => void } {
  return task('uploadFile', options, async (send) => {
    const body = new FormData()
    for (const [name, value] of Object.entries(options.formData ?? {})) body.append(name, value)
    const file = fileOf(options.filePath)
    body.append(options.name, file, file.name)
    const response = await send(options.url, { method: 'POST', headers: lowered(options.header), body })
    // WeChat leaves an upload's answer as text.
    return { data: await response.text(), ...head(response) }
  })
}

export function downloadFile(options: Sending & { filePath?: string }): { abort: () => void } {
  return task('downloadFile', options, async (send) => {
    const response = await send(options.url, { headers: lowered(options.header) })
    const { filePath } = options
    const kept = keepFile(await response.blob(), filePath?.split('/').pop() ?? 'download')
    // As in WeChat: where the page says where to keep it, there is no temporary copy.
    return { ...(filePath ? { filePath: kept } : { tempFilePath: kept }), ...head(response) }
  })
}

type Send = (url: string, init: RequestInit) => Promise<Response>

function task(
  name: string,
  options: Sending,
  work: (send: Send) => Promise<Record<string, unknown>>,
): { abort: () => void } {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(new Error('timeout')), options.timeout ?? 60_000)
  const send: Send = async (url, init) => {
    if (!navigator.onLine) throw new Error('net::ERR_INTERNET_DISCONNECTED')
    return heed(await fetch(allowed(url), { ...init, credentials: 'omit', signal: abort.signal }))
  }
  // Without callbacks the caller holds the task only: its failure is nobody's.
  settle(name, options, () => work(send).finally(() => clearTimeout(timer)))?.catch(() => undefined)
  return { abort: () => abort.abort(new Error('abort')) }
}

function head(response: Response): { statusCode: number; header: Record<string, string> } {
  return { statusCode: response.status, header: Object.fromEntries(response.headers) }
}

function lowered(header: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(header).map(([name, value]) => [name.toLowerCase(), value]))
}

function withQuery({ url, data }: Request, method: string): string {
  if (method !== 'GET' || !data) return url
  const query = new URLSearchParams(data as Record<string, string>)
  return `${url}${url.includes('?') ? '&' : '?'}${query}`
}

function bodyOf(data: unknown, type: string | undefined): BodyInit | undefined {
  if (data === undefined || data === null) return undefined
  if (typeof data === 'string' || data instanceof ArrayBuffer) return data
  if (type?.startsWith('application/x-www-form-urlencoded')) {
    return new URLSearchParams(data as Record<string, string>)
  }
  return JSON.stringify(data)
}

function parsed(text: string, dataType: string): unknown {
  if (dataType !== 'json') return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
