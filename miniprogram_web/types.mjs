// tibao openapi | node types.mjs [--check]: the mini-program's API types from our description.
// Only what is sent and answered; paths are written where they are called, and what a field is
// called stands on the page of the description.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import openapiTS, { astToString } from 'openapi-typescript'
import { SOURCE } from './build/bundle.mjs'

const FILE = join(SOURCE, 'typings', 'api.d.ts')
const HEADER = '// Made by `make types` from our OpenAPI description; a test compares them.\n\n'

const description = JSON.parse(await text(process.stdin))
for (const schema of Object.values(description.components.schemas)) {
  for (const field of Object.values(schema.properties ?? {})) {
    delete field.description
    delete field.examples
  }
}
const made = HEADER + astToString(await openapiTS({ ...description, paths: {} }))
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, made)
} else if (readFileSync(FILE, 'utf8') !== made) {
  console.error('typings/api.d.ts does not fit the API any more: make types')
  process.exitCode = 1
}
