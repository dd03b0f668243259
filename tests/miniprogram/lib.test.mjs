// Words and codes: what the pages rest on, without any page.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lib } from './source.mjs'

const { amount, dated, lastMoment, left, moment, points, yuan } = await lib('words')
const { load, pageState } = await lib('page')
const { hasCode, tokenOf, tokenOfScan } = await lib('codes')

const TOKEN = '0123456789abcdefghjkmnpqrs'
const PRINTED = `https://tibao.example.cn/e/${TOKEN}`
const scanned = (address) => tokenOf({ q: encodeURIComponent(address) })

test('fen are shown as yuan with groups, and with decimals only where there are any', () => {
  assert.deepEqual(
    [0, 5, 100, 790740, 123456789, -250].map(amount),
    ['0', '0.05', '1', '7,907.40', '1,234,567.89', '-2.50'],
  )
  assert.equal(yuan(790740), '7,907.40元')
})

test('times are those of Beijing, wherever the phone is', () => {
  const present = Date.parse('2025-03-03T09:00:00+08:00')
  assert.equal(dated('2025-03-03'), '2025年3月3日')
  assert.equal(moment('2025-03-02T17:05:00Z', present), '3月3日 01:05')
  assert.equal(moment('2024-12-31T12:00:00+08:00', present), '2024年12月31日 12:00')
})

test('a notice that ends at midnight ends at 24:00 of its last day', () => {
  assert.equal(lastMoment('2025-03-11T00:00:00+08:00'), '2025年3月10日（周一）24:00')
  assert.equal(lastMoment('2025-03-09T10:30:00Z'), '2025年3月9日（周日）18:30')
})

test('what is left is counted in the two largest units and never below nothing', () => {
  const end = '2025-03-11T00:00:00+08:00'
  const at = (iso) => left(end, Date.parse(iso))
  assert.equal(at('2025-03-03T09:00:00+08:00').text, '还有7天 15小时')
  assert.equal(at('2025-03-10T20:30:30+08:00').text, '还有3小时 30分钟')
  assert.equal(at('2025-03-10T23:59:30+08:00').text, '还有1分钟')
  assert.deepEqual([at(end).over, at('2025-04-01T00:00:00+08:00').text], [true, '已经结束'])
})

test('a text becomes points at its semicolons and line breaks', () => {
  assert.deepEqual(points('曳引机；门机。\n困人救援'), ['曳引机', '门机', '困人救援'])
  assert.deepEqual(points(null), [])
})

test('a scan of the printed address, a mini-program code and our own link lead to one lift', () => {
  assert.equal(scanned(PRINTED), TOKEN)
  assert.equal(tokenOf({ scene: TOKEN }), TOKEN)
  assert.equal(tokenOf({ token: TOKEN }), TOKEN)
  assert.equal(tokenOfScan(PRINTED, undefined), TOKEN)
  assert.equal(tokenOfScan('', `pages/lift/lift?scene=${TOKEN}`), TOKEN)
})

test('what scanners and messengers put around a code does not change what it means', () => {
  const again = (text) => encodeURIComponent(text)
  for (const address of [
    `${PRINTED}/`,
    `${PRINTED}?from=singlemessage`,
    `${PRINTED}/?scancode_time=1700000000`,
    `${PRINTED}#wechat_redirect`,
    again(PRINTED),
    again(again(`${PRINTED}?x=1`)),
  ]) {
    assert.equal(scanned(address), TOKEN, address)
    assert.equal(tokenOfScan(address, undefined), TOKEN, address)
  }
  for (const scene of [TOKEN, again(`${TOKEN}&from=1`), `${TOKEN}%26scancode_time%3D1`]) {
    assert.equal(tokenOf({ scene }), TOKEN, scene)
  }
  assert.equal(tokenOfScan('', `pages/lift/lift?x=1&scene=${TOKEN}&y=2`), TOKEN)
})

test('foreign, cut off, lengthened and wrapped codes are no lift', () => {
  for (const address of [
    `https://tibao.example.cn.evil.example/e/${TOKEN}`,
    `http://tibao.example.cn/e/${TOKEN}`,
    `https://elsewhere.example/e/${TOKEN}`,
    PRINTED.slice(0, -1),
    `${PRINTED}0`,
    PRINTED.toUpperCase(),
    `${PRINTED}/more`,
    `https://elsewhere.example/?to=${PRINTED}`,
    '',
  ]) {
    assert.equal(scanned(address), null, address)
  }
  for (const scene of ['x'.repeat(33), `${TOKEN}0`, encodeURIComponent(PRINTED), '%', '']) {
    assert.equal(tokenOf({ scene }), null, scene)
  }
  assert.equal(tokenOf({}), null)
})

test('a bad code is a code all the same, and no code is none', () => {
  assert.ok(hasCode({ q: '' }))
  assert.ok(hasCode({ scene: 'x' }))
  assert.ok(!hasCode({}))
})

test('the late answer to an earlier scan never takes the place of a later one', async () => {
  const page = { data: pageState(), setData: (data) => Object.assign(page.data, data) }
  let arrive
  const slow = new Promise((resolve) => (arrive = resolve))
  const earlier = load(page, () => slow, (lift) => ({ lift }))
  await load(page, async () => ({ value: 'later', at: null }), (lift) => ({ lift }))
  arrive({ value: 'earlier', at: null })
  await earlier
  assert.equal(page.data.lift, 'later')
})

test('an earlier scan that fails late does not tear the later one down', async () => {
  const page = { data: pageState(), setData: (data) => Object.assign(page.data, data) }
  let fail
  const earlier = load(page, () => new Promise((_, reject) => (fail = reject)), () => ({}))
  await load(page, async () => ({ value: null, at: null }), () => ({ lift: 'later' }))
  fail(new Error('away'))
  await earlier
  assert.deepEqual([page.data.phase, page.data.lift], ['ready', 'later'])
})

test('each of the platform’s words for yes is a yes', async () => {
  const { ask } = await lib('subscribe')
  const kept = { value: { subscriptions: [{ key: 'notice_ending', template_id: 't1' }] }, at: '' }
  const asked = (word) => {
    globalThis.wx = {
      getStorageSync: () => kept,
      requestSubscribeMessage: ({ success }) => success({ errMsg: 'ok', t1: word }),
    }
    return ask(['notice_ending'])
  }
  for (const word of ['accept', 'acceptWithAlert', 'acceptWithAudio']) assert.equal(await asked(word), true)
  for (const word of ['reject', 'ban', 'filter', undefined]) assert.equal(await asked(word), false)
  delete globalThis.wx
})

test('a dot is no name, and a stroke across an eighth of the paper is one', async () => {
  const { Ink } = await lib('ink')
  const drawn = (...points) => {
    const ink = new Ink(3)
    points.slice(1).forEach((point, index) => ink.add(points[index], point))
    return ink.isName(320, 160)
  }
  const at = (x, y) => ({ x, y })
  assert.equal(drawn(), false)
  assert.equal(drawn(at(50, 50), at(50, 50)), false)
  assert.equal(drawn(at(50, 50), at(60, 60), at(50, 60), at(60, 50)), false)
  assert.equal(drawn(at(10, 50), at(50, 60)), true)
  assert.equal(drawn(at(10, 20), at(10, 70)), true)
})
