// What a page may reach.

/**
 * The address, if this page may fetch it: its own origin, a file of the package (`/images/a.png`)
 * or one that the phone holds (`blob:`, `data:`). Any other host is refused, as WeChat refuses a
 * domain that is not in the console's list.
 */
export function allowed(address: string): string {
  if (/^(blob|data):/.test(address) || !/^\w+:\/\//.test(address)) return address
  const { origin } = new URL(address)
  if (origin !== location.origin) throw new Error(`url not in domain list: ${origin}`)
  return address
}
