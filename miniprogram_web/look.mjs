// node look.mjs PAGE [--answers FILE] [--width 390] [--as NAME] [--elder] [--out look.png]
// Builds, opens one page in Chromium and takes a picture of all of it; no server is needed.
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { answer, host } from './answers.mjs'
import { browserPath } from './browser.mjs'
import { bundle } from './build/bundle.mjs'

const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css' }
const HEIGHT = 844

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    answers: { type: 'string' },
    width: { type: 'string', default: '390' },
    as: { type: 'string', default: '王芳' },
    elder: { type: 'boolean', default: false },
    out: { type: 'string', default: 'look.png' },
    now: { type: 'string', default: '2025-03-03T09:00:00+08:00' },
    wait: { type: 'string', default: '500' },
  },
})
const page = positionals[0] ?? ''
const answers = values.answers ? await load(values.answers) : {}
const files = { ...(await bundle({ minify: false })), 'host.js': host(values.now) }

const browser = await chromium.launch({
  executablePath: browserPath(),
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
})
const width = Number(values.width)
const tab = await browser.newPage({ viewport: { width, height: HEIGHT }, deviceScaleFactor: 2 })
tab.on('console', (message) => console.log(`[${message.type()}] ${message.text()}`))
await tab.route('**/*', serve)
const font = values.elder ? '&font=24' : ''
await tab.goto(`http://mini.test/mini/?as=${encodeURIComponent(values.as)}${font}#/${page}`)
await tab.waitForTimeout(Number(values.wait))
const { scrollHeight, scrollWidth, clientWidth } = await tab.evaluate(() => {
  const { scrollHeight, scrollWidth, clientWidth } = document.querySelector('.pages')
  return { scrollHeight, scrollWidth, clientWidth }
})
if (scrollWidth > clientWidth) console.log(`wider than the phone: ${scrollWidth} > ${clientWidth}`)
await tab.setViewportSize({ width, height: Math.max(HEIGHT, scrollHeight + 44) })
mkdirSync(dirname(resolve(values.out)), { recursive: true })
await tab.screenshot({ path: values.out })
await browser.close()
console.log(`${values.out}: ${width} px wide`)

async function load(path) {
  const module = await import(pathToFileURL(resolve(path)).href, path.endsWith('.json') ? { with: { type: 'json' } } : {})
  return module.default
}

async function serve(route) {
  const request = route.request()
  const { pathname, search } = new URL(request.url())
  if (pathname.startsWith('/mini/')) {
    const name = pathname.slice('/mini/'.length) || 'index.html'
    const body = files[name]
    await route.fulfill(
      body === undefined
        ? { status: 404 }
        : { body, contentType: `${TYPES[name.split('.').pop()]}; charset=utf-8` },
    )
    return
  }
  const { status, body } = answer(answers, {
    method: request.method(),
    path: decodeURI(pathname) + search,
    body: request.postData(),
  })
  if (status === 404) console.log(body.message)
  await route.fulfill({ status, json: body })
}
