// node lint.mjs: every template through WeChat's own compiler, which names file, line and column.
import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { SOURCE } from './build/bundle.mjs'
import { readSource } from './build/source.mjs'

const SYSTEMS = { linux: 'linux/wcc', darwin: 'mac/wcc', win32: 'windows/wcc.exe' }

const installed = dirname(createRequire(import.meta.url).resolve('miniprogram-compiler/package.json'))
const compiler = join(installed, 'bin', SYSTEMS[process.platform])
// npm unpacks it without the right to run.
chmodSync(compiler, 0o755)
const templates = readSource(SOURCE).units.map((unit) => `${unit.path}.wxml`)
const { status, stderr, error } = spawnSync(compiler, ['-d', ...templates], {
  cwd: SOURCE,
  encoding: 'utf8',
  stdio: ['ignore', 'ignore', 'pipe'],
})
if (error) throw error
process.stderr.write(stderr)
if (status === 0) console.log(`${templates.length} templates pass WeChat's compiler`)
process.exitCode = status === 0 ? 0 : 1
