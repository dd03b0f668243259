// Storage of one person's phone.
import { person } from '../host'

type Room = 'page' | 'harness'

export function read(room: Room, key: string): unknown {
  const text = localStorage.getItem(name(room, key))
  return text === null ? undefined : (JSON.parse(text) as unknown)
}

export function write(room: Room, key: string, value: unknown): void {
  localStorage.setItem(name(room, key), JSON.stringify(value))
}

function name(room: Room, key: string): string {
  return `${room}:${person()}:${key}`
}

/** '' for what is not there, as in WeChat. */
export function getStorageSync(key: string): unknown {
  return read('page', key) ?? ''
}

export function setStorageSync(key: string, value: unknown): void {
  write('page', key, value)
}

export function removeStorageSync(key: string): void {
  localStorage.removeItem(name('page', key))
}
