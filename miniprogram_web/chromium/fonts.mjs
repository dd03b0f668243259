// What a packaged Chromium reads to find letters, Chinese ones among them, on a machine without any.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const LETTERS = fileURLToPath(new URL('../../backend/pictures/fonts', import.meta.url))

/** The font list of a Chromium that is unpacked in `folder`. */
export function fontList(folder) {
  const folders = ['/usr/share/fonts', join(folder, 'fonts', 'fonts'), LETTERS]
  const lines = folders.map((folder) => `  <dir>${folder}</dir>`).join('\n')
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
${lines}
  <cachedir>${join(folder, 'font-cache')}</cachedir>
</fontconfig>
`
}
