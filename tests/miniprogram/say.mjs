// What functions of the mini-program answer: [module, function, ...arguments] each, as JSON on
// standard input; their results as JSON on standard output. For comparing them with the service's.
import { readFileSync } from 'node:fs'
import { lib } from './source.mjs'

const said = []
for (const [module, name, ...values] of JSON.parse(readFileSync(0, 'utf8'))) {
  said.push((await lib(module))[name](...values))
}
process.stdout.write(JSON.stringify(said))
