/** Where the service lives: behind the origin that serves this page. */

import { host } from '../../runtime/host'

export const SITE = location.origin

export const API = `${SITE}/api/v1`

export const PRINTED = host.printed

export const DESK = host.printed.replace(/\/e\/$/, '/desk-sign-in/')

export const INVITATION = host.printed.replace(/\/e\/$/, '/desk-invitation/')

/** The API gives pictures as a path on its host. */
export const picture = (path: string): string => (path.startsWith('/') ? SITE + path : path)
