/** Where the service lives. The web build puts its own origin in place of this module. */

export const SITE = 'https://tibao.example.cn'

export const API = `${SITE}/api/v1`

/** What is printed in front of the 26 characters of a lift. */
export const PRINTED = `${SITE}/e/`

/** What stands in front of the 48 characters of a code on a PC's screen. */
export const DESK = `${SITE}/desk-sign-in/`

/** What stands in front of the 48 characters of an invitation on a keeper's screen. */
export const INVITATION = `${SITE}/desk-invitation/`

/** The API gives pictures as a path on its host. */
export const picture = (path: string): string => (path.startsWith('/') ? SITE + path : path)
