// The committee decides by name, here or in chat, whichever comes first.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage } from '../../miniprogram_web/tester.mjs'
import { PLAN_ID, committee, plan } from './own_answers.mjs'

const ANSWER = `POST /plans/${PLAN_ID}/answers`
const open = (changed = {}, options = {}) =>
  openPage('pages/committee/committee', { answers: { ...committee, ...changed }, ...options })
const sent = (phone) =>
  phone.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/answers'))
const tally = { approvals: 2, refusals: 0, in_office: 5, decided: null }

test('a member reads money, terms, lifts and until when', async () => {
  const phone = await open()
  for (const words of ['2,400元', '10,000元', '付完还剩', '150,000元', '请在2025年3月5日（周三）24:00前答复', '1栋2单元 1号梯', '人为损坏']) {
    assert.ok(phone.text().includes(words), words)
  }
})

test('many lifts are folded, so that the answer is not screens away', async () => {
  const lifts = Array.from({ length: 20 }, (_, at) => ({ ...plan.lifts[0], registration_code: `R${at}` }))
  const phone = await open({ 'GET /plans/waiting': { items: [{ ...plan, lifts }] } })
  assert.match(phone.text(), /20 台电梯/)
  assert.doesNotMatch(phone.text(), /R19/)
  await phone.tap('看每台的保费')
  assert.match(phone.text(), /R19/)
})

test('what changed since the former revision stands before and after', async () => {
  const phone = await open()
  assert.match(phone.text(), /保费合计\n原来2,600元\n现在2,400元/)
  const first = await open({ 'GET /plans/waiting': { items: [{ ...plan, revision: 1, changes: [] }] } })
  assert.doesNotMatch(first.text(), /和上一版相比/)
})

test('approving asks once more and records the answer by name', async () => {
  const phone = await open({ [ANSWER]: tally })
  await phone.tap('同意')
  assert.match(phone.text(), /实名记录/)
  await phone.tap('再想想')
  assert.equal(sent(phone).length, 0)
  await phone.tap('同意')
  phone.say({ 'GET /plans/waiting': { items: [{ ...plan, my_answer: 'approve' }] } })
  await phone.tap('同意')
  assert.deepEqual(sent(phone)[0].body, { answer: 'approve' })
  assert.match(phone.text(), /您的意见已经记录。目前同意 2 人/)
  assert.match(phone.text(), /您已表示同意/)
})

test('whoever was against sees no tick of success beside it', async () => {
  const against = await open({ 'GET /plans/waiting': { items: [{ ...plan, my_answer: 'refuse' }] } })
  assert.match(against.text(), /您已表示不同意/)
  assert.equal(against.query('.decide .mark.good'), null)
  const approved = await open({ 'GET /plans/waiting': { items: [{ ...plan, my_answer: 'approve' }] } })
  assert.ok(approved.query('.decide .mark.good'))
})

test('refusing needs a reason', async () => {
  const phone = await open({ [ANSWER]: { ...tally, approvals: 1, refusals: 1 } })
  await phone.tap('不同意')
  await phone.tap('提交：不同意')
  assert.match(phone.text(), /请写明理由/)
  assert.equal(sent(phone).length, 0)
  await phone.type('为什么不同意', '保费偏高')
  await phone.tap('提交：不同意')
  assert.deepEqual(sent(phone)[0].body, { answer: 'refuse', reason: '保费偏高' })
})

test('the answer that decides says what comes next', async () => {
  const phone = await open({ [ANSWER]: { ...tally, approvals: 3, decided: 'approve' } })
  await phone.tap('同意')
  phone.say({ 'GET /plans/waiting': { items: [] } })
  await phone.tap('同意')
  assert.match(phone.text(), /过半数，方案通过，接下来张贴公示/)
  assert.match(phone.text(), /没有等您审议的方案/)
})

for (const [code, message] of [
  ['already_decided', '该方案已不在审议阶段，无需再答复。'],
  ['plan_changed', '方案已修改，原方案的意见作废，请查看新方案后再答复。'],
]) {
  test(`a second device that comes later is told so: ${code}`, async () => {
    const phone = await open({ [ANSWER]: [409, { errors: [{ code, message, field: null }] }] })
    await phone.tap('同意')
    phone.say({ 'GET /plans/waiting': { items: [] } })
    await phone.tap('同意')
    assert.ok(phone.text().includes(message))
    assert.match(phone.text(), /没有等您审议的方案/)
  })
}

test('an answer without network is not taken for given', async () => {
  const phone = await open({ [ANSWER]: tally })
  await phone.connect(false)
  await phone.tap('同意')
  await phone.tap('同意')
  assert.doesNotMatch(phone.text(), /已经记录/)
  await phone.connect(true)
  await phone.tap('同意')
  await phone.tap('同意')
  assert.match(phone.text(), /已经记录/)
  assert.equal(sent(phone).length, 1)
})

test('who has nothing to decide is told so, and where plans come from', async () => {
  const phone = await open({ 'GET /plans/waiting': { items: [] } })
  assert.match(phone.text(), /没有等您审议的方案/)
  assert.match(phone.text(), /服务号会发消息给您/)
})
