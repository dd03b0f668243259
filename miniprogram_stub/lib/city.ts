/** What is the same for every lift of the city; read once, then taken from the phone. */

import { read } from './api'
import { seen } from './seen'
import type { City } from './types'

const PATH = '/public/city'

export const city = async (): Promise<City> => (await read<City>(PATH)).value

/** The city as seen last, without waiting; null before the first time. */
export const cityKept = (): City | null => (seen(PATH)?.value as City | undefined) ?? null
