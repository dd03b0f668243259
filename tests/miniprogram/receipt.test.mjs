// The receipt: what became of one's own objection, and taking it back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage } from '../../miniprogram_web/tester.mjs'
import { NOTICE_ID, OBJECTION_ID, mine, objection } from './own_answers.mjs'

const open = (changed = {}, more = {}, page = `?id=${OBJECTION_ID}`) =>
  openPage(`pages/receipt/receipt${page}`, {
    answers: { ...mine, 'GET /objections/mine': { items: [{ ...objection, ...changed }] }, ...more },
  })

test('number, status and own words are read back', async () => {
  const phone = await open()
  for (const words of [objection.number, '有效，暂缓实施', '保费比去年高三成', '1 张', '原文不公布']) {
    assert.ok(phone.text().includes(words), words)
  }
  assert.doesNotMatch(phone.text(), /已经收到您的异议/)
})

test('how it goes on is said in the words of the service', async () => {
  const next = '公示期已满后收到，不影响办理进程，中心仍会答复。'
  const phone = await open({ status: 'late', status_name: '公示期满后收到', next })
  assert.ok(phone.text().includes(next))
})

test('the answer is shown with its time, and that one may take the objection back', async () => {
  const answer = '三家机构的报价已经公布。'
  const phone = await open({ answer, answered_at: '2025-03-04T15:20:00+08:00', next: '您认可的话，可以撤回异议。' })
  assert.ok(phone.text().includes(answer))
  assert.match(phone.text(), /3月4日 15:20/)
  assert.match(phone.text(), /您认可的话，可以撤回/)
  assert.throws(() => phone.control('通知我'))
})

test('withdrawing asks first, then tells the service once', async () => {
  const path = `/objections/${OBJECTION_ID}/withdrawal`
  const phone = await open({}, { [`POST ${path}`]: { id: OBJECTION_ID, status: 'withdrawn' } })
  const told = () => phone.requests.filter((request) => request.path.endsWith('/withdrawal')).length
  await phone.tap('撤回异议')
  await phone.tap('再想想')
  assert.equal(told(), 0)
  await phone.tap('撤回异议')
  const withdrawn = { ...objection, status: 'withdrawn', status_name: '已撤回', can_withdraw: false }
  phone.say({ 'GET /objections/mine': { items: [withdrawn] } })
  await phone.tap('撤回', 'button')
  assert.equal(told(), 1)
  assert.match(phone.text(), /已撤回/)
  assert.throws(() => phone.control('撤回异议'))
})

test('published reasons can be taken back without withdrawing the objection', async () => {
  const path = `/objections/${OBJECTION_ID}/publication`
  const phone = await open({ publication: 'published' }, { [`DELETE ${path}`]: [204, null] })
  await phone.tap('不再公开理由')
  phone.say({ 'GET /objections/mine': { items: [{ ...objection, publication: 'private' }] } })
  await phone.tap('不再公开')
  assert.equal(phone.requests.filter((request) => request.path.endsWith(path)).length, 1)
  assert.throws(() => phone.control('不再公开理由'))
})

test('an objection that is settled cannot be taken back', async () => {
  const phone = await open({ status: 'inadmissible', can_withdraw: false })
  assert.throws(() => phone.control('撤回异议'))
})

test('a message is offered after a tap, with the reason, and only then asked for', async () => {
  const phone = await open({}, { [`POST /notices/${NOTICE_ID}/follow`]: {} })
  assert.match(phone.text(), /有答复时告诉我/)
  await phone.tap('通知我')
  assert.match(phone.text(), /中心答复您的异议后，发一条消息/)
  await phone.tap('好，去选择')
  await phone.tap('允许')
  assert.ok(phone.requests.some(({ method, path }) => method === 'POST' && path.endsWith('/follow')))
})

test('why words were not published is told', async () => {
  const phone = await open({ publication: 'refused', publication_name: '原文不予公布', publication_reason: '文字可能违规。' })
  assert.match(phone.text(), /原文不予公布\n文字可能违规/)
})

test('the paper is fetched with the session and opened', async () => {
  const pdf = new Uint8Array([37, 80, 68, 70])
  const phone = await open({}, { [`GET /objections/${OBJECTION_ID}/receipt`]: [200, pdf] })
  await phone.tap('打开回执')
  const fetched = phone.requests.find(({ path }) => path.endsWith('/receipt'))
  assert.equal(new Headers(fetched.headers).get('Authorization'), 'Bearer t')
  assert.match(phone.text(), /打开文件/)
})

test('an objection of another phone is not there, and a way on is', async () => {
  const phone = await open({}, {}, '?id=unknown')
  assert.match(phone.text(), /没有找到这件异议/)
  assert.ok(phone.control('看看“我的”'))
})
