// Unpacks the old Chromium beside this file, once, and prints the path of a program that starts it.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import { fontList } from '../chromium/fonts.mjs'

const FOLDER = fileURLToPath(new URL('unpacked', import.meta.url))
const PACKED = new URL('node_modules/chrome-aws-lambda/bin/chromium.br', import.meta.url)
const PROGRAM = join(FOLDER, 'start')

if (!existsSync(PROGRAM)) unpack()
console.log(PROGRAM)

function unpack() {
  mkdirSync(FOLDER, { recursive: true })
  const browser = join(FOLDER, 'chromium')
  writeFileSync(browser, brotliDecompressSync(readFileSync(PACKED)))
  writeFileSync(join(FOLDER, 'fonts.conf'), fontList(FOLDER))
  writeFileSync(
    PROGRAM,
    `#!/bin/sh
export FONTCONFIG_FILE="${join(FOLDER, 'fonts.conf')}"
exec "${browser}" "$@"
`,
  )
  for (const program of [browser, PROGRAM]) chmodSync(program, 0o755)
}
