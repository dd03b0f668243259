// Privacy and help.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage } from './phones.mjs'
import * as say from './public_answers.mjs'

test('privacy, the centre and the emergency number come from the city', async () => {
  const phone = await openPage('pages/about/about', { answers: { 'GET /public/city': say.city } })
  for (const words of ['看电梯不用登录。', '0743-8532500', '96333']) {
    assert.ok(phone.text().includes(words), words)
  }
})

test('large print is chosen here and kept', async () => {
  const phone = await openPage('pages/about/about', { answers: { 'GET /public/city': say.city } })
  await phone.tap('大字', 'radio')
  assert.ok(phone.query('.page.elder'))
})

test('help can be read while the service is away', async () => {
  const phone = await openPage('pages/about/about', { answers: { 'GET /public/city': [500, {}] } })
  assert.match(phone.text(), /常见问题/)
  assert.match(phone.text(), /再试一次/)
})

test('who is not on the roster is told the way to object that the city takes', async () => {
  const asked = async (...objection_channels) => {
    const phone = await openPage('pages/about/about', {
      answers: { 'GET /public/city': { ...say.city, objection_channels } },
    })
    return phone.text()
  }
  assert.match(await asked('mini_program', 'paper'), /核验期间也可以先提交异议/)
  assert.match(await asked('paper'), /把签名的书面意见交给吉首市住房保障服务中心/)
})
