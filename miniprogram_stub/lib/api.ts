/** Reading from and writing to the service. */

import { API } from './address'
import { Problem, offline, problemOf, send } from './http'
import type { Method } from './http'
import { answered, keyOf } from './keys'
import { forgetSeen, keepSeen, seen } from './seen'
import { bearer, signedIn, signedOut } from './session'
import type { Uploaded } from './types'

export { Problem } from './http'

/** What was read. `at` is null when it is fresh, else the moment when this copy was. */
export interface Seen<T> {
  value: T
  at: string | null
}

/** Read `path`. Without network or while the service is away, the copy seen last; else a Problem. */
export async function read<T>(path: string): Promise<Seen<T>> {
  try {
    const value = await (isPublic(path) ? send('GET', path, {}) : asPerson('GET', path, {}))
    keepSeen(path, value)
    return { value: value as T, at: null }
  } catch (error) {
    const kept = seen(path)
    if (error instanceof Problem && isAway(error) && kept !== null) {
      return { value: kept.value as T, at: kept.at }
    }
    if (error instanceof Problem && !isAway(error)) forgetSeen(path)
    throw error
  }
}

/** Write something as this person. `form` names what is done: the same content sent again is one. */
export async function write<T>(
  method: Method,
  path: string,
  body?: object,
  form = `${method} ${path}`,
): Promise<T> {
  const key = keyOf(form, body)
  try {
    const value = await asPerson(method, path, { 'Idempotency-Key': key }, body)
    answered(form)
    return value as T
  } catch (error) {
    if (error instanceof Problem && !mayHaveArrived(error)) answered(form)
    throw error
  }
}

/** Send a file of this phone; the answer names it by its content. */
export async function upload(filePath: string): Promise<Uploaded> {
  await signedIn()
  try {
    return await uploadOnce(filePath)
  } catch (error) {
    await renewAfter(error)
    return uploadOnce(filePath)
  }
}

/** Fetch a document of this person and open it; `name` is what it is kept as, without an ending. */
export async function openFile(path: string, name: string): Promise<void> {
  await signedIn()
  const { filePath, image } = await download(path, name)
  await new Promise<void>((resolve, reject) => {
    if (image) {
      wx.previewImage({ urls: [filePath], success: () => resolve(), fail: () => reject(cannotOpen()) })
      return
    }
    wx.openDocument({
      filePath,
      fileType: 'pdf',
      showMenu: true,
      success: () => resolve(),
      fail: () => reject(cannotOpen()),
    })
  })
}

async function asPerson(
  method: Method,
  path: string,
  headers: Record<string, string>,
  body?: object,
): Promise<unknown> {
  await signedIn()
  try {
    return await send(method, path, { ...headers, ...authorized() }, body)
  } catch (error) {
    await renewAfter(error)
    return send(method, path, { ...headers, ...authorized() }, body)
  }
}

/** After a 401 a new session is worth one more try; any other error is passed on. */
async function renewAfter(error: unknown): Promise<void> {
  if (!(error instanceof Problem) || error.status !== 401) throw error
  signedOut()
  await signedIn()
}

function uploadOnce(filePath: string): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    wx.uploadFile({
      url: `${API}/uploads`,
      filePath,
      name: 'file',
      header: authorized(),
      success: ({ statusCode, data }) => {
        const answer = json(data)
        if (statusCode === 201) resolve(answer as Uploaded)
        else reject(problemOf(statusCode, answer))
      },
      fail: () => reject(offline()),
    })
  })
}

interface Fetched {
  filePath: string
  image: boolean
}

/** Phones tell by the ending what opens a file, and a downloaded copy has none of its own. */
function download(path: string, name: string): Promise<Fetched> {
  const filePath = `${wx.env.USER_DATA_PATH}/${name}.pdf`
  return new Promise((resolve, reject) => {
    wx.downloadFile({
      url: API + path,
      header: authorized(),
      filePath,
      success: ({ statusCode, ...answer }) => {
        const type = (answer as unknown as { header?: Record<string, string> }).header
        if (statusCode === 200) resolve({ filePath: answer.filePath, image: isImage(type) })
        else reject(problemOf(statusCode, null))
      },
      fail: () => reject(offline()),
    })
  })
}

const isImage = (header: Record<string, string> = {}): boolean =>
  Object.entries(header).some(
    ([name, value]) => name.toLowerCase() === 'content-type' && value.startsWith('image/'),
  )

const cannotOpen = (): Problem => new Problem(0, 'cannot_open', '文件打不开，请稍后再试。')

const authorized = (): Record<string, string> => ({ Authorization: `Bearer ${bearer() ?? ''}` })

const isPublic = (path: string): boolean => path.startsWith('/public/')

const isAway = (problem: Problem): boolean => problem.status === 0 || problem.status >= 500

/** The request may have been done, or is being done, although no answer came. */
const mayHaveArrived = (problem: Problem): boolean =>
  isAway(problem) || problem.code === 'request_in_progress'

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
