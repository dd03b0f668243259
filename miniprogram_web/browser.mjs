// A Chromium: the machine's, else the one that chromium/ brings along.
import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const PACKAGED = fileURLToPath(new URL('chromium', import.meta.url))

/** The path of its program. Throws when there is none: `make test` brings one. */
export function browserPath() {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) if (runs(join(folder, name))) return join(folder, name)
  }
  if (!existsSync(join(PACKAGED, 'node_modules'))) throw new Error('no Chromium on this machine')
  return execFileSync(process.execPath, [join(PACKAGED, 'path.mjs')], { encoding: 'utf8' }).trim()
}

function runs(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

// Run as a program it prints the path: that is how Python and make ask.
if (fileURLToPath(import.meta.url) === process.argv[1]) console.log(browserPath())
