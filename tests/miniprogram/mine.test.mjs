// What concerns a person: home, objections, co-signatures, approvals, messages, large print, data.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage } from '../../miniprogram_web/tester.mjs'
import {
  CASE_ID,
  NOTICE_ID,
  TOKEN,
  answered,
  data,
  invitation,
  joint,
  me,
  mine,
  objection,
  ownCase,
  subscriptions,
  todo,
} from './own_answers.mjs'

const open = (changed = {}, options = {}) =>
  openPage('pages/mine/mine', { answers: { ...mine, ...changed }, ...options })
const wrote = (phone, end) =>
  phone.requests.filter(({ method, path }) => method !== 'GET' && path.endsWith(end))

test('the own home is shown, and nothing that the person has no part in', async () => {
  const phone = await open()
  assert.match(phone.text(), /示例小区 1栋1单元 101\n已核验的业主 · 看它的维修资金/)
  for (const words of ['我的异议', '业主联名', '我的审议意见', '业委会：', '物业：']) {
    assert.ok(!phone.text().includes(words), words)
  }
})

test('the own flat in the fund is told year by year', async () => {
  const [home] = me.homes
  const line = { booked_on: '2025-01-06', kind: 'statutory_interest', kind_name: '法定利息' }
  const account = {
    household_id: CASE_ID,
    place: '示例小区1栋1单元101',
    balance_fen: 1012345,
    years: [2025, 2024],
    year: 2025,
    began_fen: 1000000,
    lines: [{ ...line, amount_fen: 12345, balance_fen: 1012345 }],
    ended_fen: 1012345,
  }
  const opened = { booked_on: '2024-03-01', kind: 'opening', kind_name: '期初' }
  const before = { ...account, year: 2024, began_fen: 0, ended_fen: 1000000 }
  const here = `GET /me/homes/${home.owner_id}/fund`
  const phone = await open({
    [here]: account,
    [`${here}?year=2024`]: {
      ...before,
      lines: [{ ...opened, amount_fen: 1000000, balance_fen: 1000000 }],
    },
  })
  await phone.tap('看它的维修资金')
  assert.equal(phone.path, `pages/fund/fund?id=${home.owner_id}`)
  assert.match(phone.text(), /按已登记的变动\n10,123.45元/)
  assert.match(phone.text(), /法定利息\n2025年1月6日\n\+123.45元\n余额 10,123.45元/)
  await phone.tap('看2024年')
  assert.match(phone.text(), /年初\n0元\n期初\n2024年3月1日\n\+10,000元/)
  assert.ok(phone.control('看2025年'))
  await phone.tap('下载2024年的对账单')
  const fetched = phone.requests.find(({ path }) => path.includes('/fund/statement.pdf'))
  assert.ok(fetched.path.endsWith('.pdf?from_on=2024-01-01&until_on=2024-12-31'), fetched.path)
  const nothing = { ...account, balance_fen: 0, years: [], began_fen: 0, lines: [], ended_fen: 0 }
  const unknown = await open({ [here]: nothing })
  await unknown.tap('看它的维修资金')
  assert.match(unknown.text(), /中心还没有登记这处房屋的分户余额/)
  assert.ok(!unknown.text().includes('0元'))
})

test('a newcomer learns what verifying is for and can do it', async () => {
  const phone = await open({ 'GET /me': { ...me, homes: [] } })
  assert.match(phone.text(), /看保险、看公示不需要核验/)
  await phone.tap('核验我的房屋')
  assert.ok(phone.control('用手机号核验'))
  assert.match(phone.text(), /先扫一次自家电梯里的二维码/)
})

test('where a flat may be claimed comes from the lifts that were scanned', async () => {
  const place = { estate_code: 'E1', estate: '示例小区', building: '1栋', unit: '1单元' }
  const phone = await open(
    { 'GET /me': { ...me, homes: [] }, [`GET /lifts/${TOKEN}/place`]: place },
    { stored: { recents: [{ token: TOKEN, name: '1号梯' }] } },
  )
  await phone.tap('核验我的房屋')
  await phone.tap('我不在名册上')
  assert.match(phone.text(), /示例小区1栋1单元/)
})

test('a verification that waits or was turned down is told with its reason', async () => {
  const verification = {
    id: CASE_ID,
    kind_name: '业主',
    place: '示例小区1栋2单元201',
    state: 'rejected',
    state_name: '未通过',
    made_at: '2025-03-01T09:00:00+08:00',
    reason: '名册中没有此人',
  }
  const phone = await open({ 'GET /owner-verifications/mine': { items: [verification] } })
  assert.match(phone.text(), /业主核验：未通过\n理由：名册中没有此人/)
})

test('objections lead to their receipts', async () => {
  const phone = await open({ 'GET /objections/mine': { items: [objection] } })
  await phone.tap(objection.number)
  assert.equal(phone.path, `pages/receipt/receipt?id=${objection.id}`)
})

test('a joint application leads to what it is about before anybody signs', async () => {
  const phone = await open({
    'GET /cosignatures/mine': { items: [joint] },
    [`GET /purchases/${CASE_ID}/invitation`]: invitation,
  })
  assert.match(phone.text(), /已有 2 位业主联名，还差 1 位（满 3 位可以提交）/)
  await phone.tap('看一看，再联名')
  assert.equal(phone.path, `pages/joint/joint?case=${CASE_ID}`)
})

test('what this person applied for says who does what by when', async () => {
  const waiting = { ...todo, mine: false, who: '中心经办', task: '中心受理并查询资金' }
  const phone = await open({
    'GET /todos/mine': { items: [waiting], estates: [] },
    [`GET /purchases/${CASE_ID}/my-part`]: ownCase,
  })
  assert.match(phone.text(), /等中心经办办：中心受理并查询资金[\s\S]*截至2025年3月5日（周三）24:00，还有2个工作日/)
  await phone.tap('等中心经办办')
  assert.equal(phone.path, `pages/case/case?id=${CASE_ID}`)
})

test('answers to plans are listed, and those that count no more say so', async () => {
  const phone = await open({ 'GET /plans/answered': { items: [answered] } })
  assert.match(phone.text(), /不同意 · 示例小区/)
  assert.match(phone.text(), /方案已修改，不再计数/)
})

test('each message says what it is for and how many are left; one more is asked in the tap', async () => {
  const phone = await open({ 'GET /me/subscriptions': subscriptions })
  assert.match(phone.text(), /异议答复\n中心答复您的异议后，发一条消息。\n还能收到 2 条/)
  await phone.tap('再收一条：公示将满')
  assert.ok(phone.control('允许'))
  await phone.tap('允许')
  assert.match(phone.toast, /届时发消息给您/)
})

test('following can be ended', async () => {
  const phone = await open({
    'GET /me/subscriptions': subscriptions,
    [`DELETE /notices/${NOTICE_ID}/follow`]: {},
  })
  await phone.tap('取消关注')
  assert.equal(wrote(phone, '/follow')[0].method, 'DELETE')
})

test('large print is switched here and remembered', async () => {
  const phone = await open()
  assert.equal(phone.query('.page.elder'), null)
  await phone.tap('大字', 'radio')
  assert.ok(phone.query('.page.elder'))
  const again = await open({}, { stored: { elder: true } })
  assert.ok(again.query('.page.elder'))
})

test('large print follows the font that is set in WeChat', async () => {
  const phone = await open({}, { font: 24 })
  assert.ok(phone.query('.page.elder'))
  assert.equal(phone.control('更大', 'radio').checked, true)
})

test('a number that WeChat vouches for is changed by WeChat alone', async () => {
  const message = '手机号与名册一致，已为您绑定1处房屋。'
  const phone = await open({
    'GET /me': { ...me, phone_verified: true },
    'POST /me/phone': { phone_masked: '139****0002', verified: true, homes: [], seats: [], message },
  })
  assert.throws(() => phone.control('换一个手机号'))
  await phone.tap('换成另一个微信手机号')
  await phone.tap('同意')
  await phone.tap('允许')
  assert.ok(wrote(phone, '/me/phone')[0].body.code)
  assert.equal(phone.toast, message)
})

test('a typed number is kept as a contact, and what is wrong with it is said', async () => {
  const message = '请填写 11 位手机号。'
  const refusal = [422, { errors: [{ code: 'phone_invalid', message, field: 'phone' }] }]
  const typed = { ...me, phone_verified: false }
  const phone = await open({ 'GET /me': typed, 'POST /me/phone': refusal })
  await phone.tap('换一个手机号')
  assert.match(phone.text(), /不能证明业主身份/)
  await phone.type('手机号', '123')
  await phone.tap('保存')
  assert.ok(phone.text().includes(message))
})

test('members and managers find their pages in the tabs as soon as that is known', async () => {
  const seats = [{ member_id: NOTICE_ID, estate_id: NOTICE_ID, estate: '示例小区', position: '主任' }]
  const grants = [
    { role: 'property_manager', role_name: '物业', scope_kind: 'estate', scope_id: NOTICE_ID },
  ]
  const phone = await open({ 'GET /me': { ...me, seats, grants } })
  assert.match(phone.text(), /示例小区业委会 主任/)
  assert.ok(phone.control('业委会', 'link'))
  assert.ok(phone.control('物业', 'link'))
})

test('offline the last seen data is shown with its time', async () => {
  const kept = Object.fromEntries(
    ['/me', '/owner-verifications/mine', '/cosignatures/mine', '/objections/mine', '/plans/answered', '/me/subscriptions', '/todos/mine', '/public/city'].map(
      (path) => [`seen:${path}`, { value: mine[`GET ${path}`], at: '2025-03-02T20:15:00+08:00' }],
    ),
  )
  const away = Object.fromEntries(
    Object.keys(mine).map((key) => [key, [503, { errors: [] }]]),
  )
  const session = { token: 't', expires_at: '2025-03-10T09:00:00+08:00' }
  const phone = await open(away, { stored: { ...kept, session } })
  assert.match(phone.text(), /3月2日 20:15/)
  assert.match(phone.text(), /示例小区 1栋1单元 101/)
})

const openData = (changed = {}) =>
  openPage('pages/data/data', { answers: { ...data, ...changed } })

test('everything that is kept can be read', async () => {
  const phone = await openData()
  assert.match(phone.text(), /身份\n姓名\n王\*\n手机号\n138\*\*\*\*8000/)
})

test('a correction names what and how, and goes to the centre', async () => {
  const message = '已提交，由中心核对。'
  const phone = await openData({ 'POST /me/rectification-requests': [201, { id: CASE_ID, message }] })
  await phone.tap('我要更正')
  await phone.tap('提交更正')
  assert.match(phone.text(), /请选择要更正哪一项/)
  await phone.tap('房屋', 'radio')
  await phone.type('应该是什么', '房号应为 302')
  await phone.tap('提交更正')
  assert.deepEqual(wrote(phone, '/rectification-requests')[0].body, { what: '房屋', text: '房号应为 302' })
  assert.ok(phone.text().includes(message))
})

test('leaving asks first, says what stays, and forgets everything on the phone', async () => {
  const phone = await openData({
    'POST /me/departure': { message: '您的身份已经删除。', kept: ['已提出的异议'] },
  })
  await phone.tap('注销账号')
  assert.match(phone.text(), /不能恢复/)
  await phone.tap('注销', 'button')
  assert.deepEqual(wrote(phone, '/departure')[0].body, { confirm: true })
  assert.match(phone.text(), /已经注销\n您的身份已经删除。\n已提出的异议/)
  const names = Object.keys(phone.window.localStorage)
  assert.deepEqual(names.filter((name) => /session|seen:\//.test(name)), [])
})

test('who holds an office is told why leaving must wait', async () => {
  const message = '您还担任物业，请先由中心终止授权。'
  const phone = await openData({
    'POST /me/departure': [409, { errors: [{ code: 'holds_office', message, field: null }] }],
  })
  await phone.tap('注销账号')
  await phone.tap('注销', 'button')
  assert.ok(phone.text().includes(message))
  assert.doesNotMatch(phone.text(), /已经注销/)
})
