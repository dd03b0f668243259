// Unpacks the old Chromiums beside this file, once, and prints the paths of programs that start
// them: `unpacked/88/start` and `unpacked/103/start`.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import { fontList } from '../chromium/fonts.mjs'

const PACKED = {
  88: 'node_modules/chrome-aws-lambda/bin/chromium.br',
  103: 'node_modules/@sparticuz/chromium/bin/chromium.br',
}

for (const [version, packed] of Object.entries(PACKED)) {
  const folder = fileURLToPath(new URL(`unpacked/${version}`, import.meta.url))
  const program = join(folder, 'start')
  if (!existsSync(program)) unpack(folder, program, packed)
  console.log(program)
}

function unpack(folder, program, packed) {
  mkdirSync(folder, { recursive: true })
  const browser = join(folder, 'chromium')
  writeFileSync(browser, brotliDecompressSync(readFileSync(new URL(packed, import.meta.url))))
  writeFileSync(join(folder, 'fonts.conf'), fontList(folder))
  writeFileSync(
    program,
    `#!/bin/sh
export FONTCONFIG_FILE="${join(folder, 'fonts.conf')}"
exec "${browser}" "$@"
`,
  )
  for (const each of [browser, program]) chmodSync(each, 0o755)
}
