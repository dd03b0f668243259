/** One request to the API, and what may go wrong with it. */

import { API } from './address'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

interface Reason {
  code: string
  message: string
  field: string | null
}

/** Why something did not work. `status` 0: no answer came; `message` is for people. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly field: string | null
  /** Everything that was found wrong; the first of it is said above. */
  readonly all: Reason[]

  constructor(
    status: number,
    code: string,
    message: string,
    field: string | null = null,
    all: Reason[] = [],
  ) {
    super(message)
    this.status = status
    this.code = code
    this.field = field
    this.all = all
  }
}

export const offline = (): Problem =>
  new Problem(0, 'offline', '现在没有网络，请检查手机网络后再试。')

const TOO_LONG_MS = 15000

interface Refusals {
  errors?: Reason[]
}

/** The problem behind an answer that is not a success. */
export function problemOf(status: number, body: unknown): Problem {
  const all = ((body ?? {}) as Refusals).errors ?? []
  const [first] = all
  if (first) return new Problem(status, first.code, first.message, first.field, all)
  return new Problem(status, 'unexpected', '服务暂时不可用，请稍后再试。')
}

/** Send a request and resolve to the JSON of its answer; rejects with a Problem. */
export function send(
  method: Method,
  path: string,
  headers: Record<string, string>,
  body?: object,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    wx.request({
      url: API + path,
      method,
      header: { 'Content-Type': 'application/json', ...headers },
      data: body,
      timeout: TOO_LONG_MS,
      success: ({ statusCode, data }) => {
        if (statusCode >= 200 && statusCode < 300) resolve(data)
        else reject(problemOf(statusCode, data))
      },
      fail: () => reject(offline()),
    })
  })
}
