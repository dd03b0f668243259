// An owner votes on the phone, for every flat of theirs, and reads what it came to.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage } from '../../miniprogram_web/tester.mjs'
import { PLAN_ID, vote, voting } from './own_answers.mjs'

const CAST = `POST /votes/${PLAN_ID}/ballots`
const open = (changed = {}, options = {}) =>
  openPage('pages/vote/vote', { answers: { ...voting, ...changed }, ...options })
const sent = (phone) =>
  phone.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/ballots'))
const after = { 'GET /votes/mine': { items: [{ ...vote, choice: 'refuse', choice_name: '不同意' }] } }

test('an owner reads what is voted on, until when, for which flat, and who sees it', async () => {
  const phone = await open()
  for (const words of ['2,400元', '示例保险', '2025年3月18日（周二）24:00截止', '示例小区1栋1单元101', '人为损坏', '邻居看不到您投了什么']) {
    assert.ok(phone.text().includes(words), words)
  }
})

test('voting asks once more and says for how many flats it counts', async () => {
  const phone = await open({ [CAST]: { flats: 1 } })
  await phone.tap('不同意')
  assert.match(phone.text(), /以最后一次为准/)
  await phone.tap('再想想')
  assert.equal(sent(phone).length, 0)
  await phone.tap('不同意')
  phone.say(after)
  await phone.tap('不同意')
  assert.deepEqual(sent(phone)[0].body, { choice: 'refuse' })
  assert.match(phone.text(), /您的票已经记录：不同意，共 1 套房屋/)
  assert.match(phone.text(), /您投的是：不同意/)
})

test('no choice stands out before the vote, and only agreeing has a tick after it', async () => {
  const phone = await open()
  assert.equal(phone.query('.buttons .btn:not(.quiet)'), null)
  const against = await open(after)
  assert.equal(against.query('.decide .mark.good'), null)
})

test('who bought another flat reads that they have not voted for it, and how to', async () => {
  const silent = ['示例小区1栋2单元201']
  const mine = { choice: 'agree', choice_name: '同意', silent }
  const phone = await open({ 'GET /votes/mine': { items: [{ ...vote, ...mine }] } })
  assert.match(phone.text(), /您投的是：同意/)
  assert.match(phone.text(), /还没有投票：示例小区1栋2单元201。再投一次，就一并计入/)
  const fresh = await open()
  assert.doesNotMatch(fresh.text(), /还没有投票：/)
})

test('who comes after the close is told so', async () => {
  const message = '表决已经截止，不能再投票。'
  const phone = await open({ [CAST]: [409, { errors: [{ code: 'vote_closed', message, field: null }] }] })
  await phone.tap('弃权')
  phone.say({ 'GET /votes/mine': { items: [{ ...vote, is_open: false, words: '已经截止，正在录入纸质票' }] } })
  await phone.tap('弃权')
  assert.match(phone.text(), /已经截止，正在录入纸质票/)
  assert.equal(phone.query('.buttons'), null)
})

test('a vote without network is not taken for given', async () => {
  const phone = await open({ [CAST]: { flats: 1 } })
  await phone.connect(false)
  await phone.tap('同意')
  await phone.tap('同意')
  assert.doesNotMatch(phone.text(), /已经记录/)
})

test('what a vote came to is read with its figures, and the own word with how it came', async () => {
  const over = { is_open: false, words: '表决通过', outcome: 'passed', sentences: ['结果：表决通过。'] }
  const mine = { choice: 'agree', choice_name: '同意', on_paper: true }
  const phone = await open({ 'GET /votes/mine': { items: [{ ...vote, ...over, ...mine }] } })
  assert.match(phone.text(), /结果：表决通过。/)
  assert.match(phone.text(), /您投的是：同意（纸质票）/)
  assert.equal(phone.query('.buttons'), null)
})

test('who has no vote is told where votes come from', async () => {
  const phone = await open({ 'GET /votes/mine': { items: [] } })
  assert.match(phone.text(), /没有您参加的表决/)
})
