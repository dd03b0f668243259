/** Several reads for one page. */

import type { Seen } from './api'

type Reads<T> = { [K in keyof T]: Promise<Seen<T[K]>> }

/** Wait for all; `at` is the oldest time among the kept copies, null when everything is fresh. */
export async function together<T extends object>(reads: Reads<T>): Promise<Seen<T>> {
  const names = Object.keys(reads) as (keyof T)[]
  const seen = await Promise.all(names.map((name) => reads[name]))
  const value = {} as T
  names.forEach((name, index) => {
    value[name] = (seen[index] as Seen<T[typeof name]>).value
  })
  const times = seen.flatMap(({ at }) => at ?? []).sort()
  return { value, at: times[0] ?? null }
}
