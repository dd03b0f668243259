// The property manager: what is due, applying with the balance before it, photos of the notice.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage } from '../../miniprogram_web/tester.mjs'
import {
  ACCOUNT_ID,
  CASE_ID,
  ESTATE_ID,
  INSURER_ID,
  LIFTS,
  NOTICE_ID,
  SHA,
  UNITS,
  apply,
  drafted,
  estate,
  manager,
  ownCase,
  posting,
  session,
  taken,
  todo,
  uploaded,
} from './own_answers.mjs'

const open = (changed = {}) =>
  openPage('pages/manager/manager', { answers: { ...manager, ...changed } })
const wrote = (phone, end) =>
  phone.requests.filter(({ method, path }) => method === 'POST' && path.endsWith(end))

test('what is due stands first, with how long still and which photos lack', async () => {
  const phone = await open()
  const text = phone.text()
  assert.match(text, /等我办的 3 件/)
  assert.match(text, /今天到期，请尽快办理/)
  assert.match(text, /还缺 2 张照片\n1栋1单元结束远景/)
  assert.match(text, /已逾期1个工作日/)
  assert.ok(text.indexOf('等我办的') < text.indexOf('等别人办的'))
})

test('a pooled account is named by its place, without the estate that all of them share', async () => {
  const phone = await open()
  assert.match(phone.text(), /\n1栋统筹账户/)
  const applying = await openPage(`pages/apply/apply?estate=${ESTATE_ID}`, { answers: apply })
  assert.match(applying.text(), /1栋统筹账户\n现在能用 10,000元，账号 P1/)
})

test('an application that was returned says why, and takes the form again', async () => {
  const why = '退回补正：申请表第二页没有盖章'
  const actions = ['apply']
  const back = { ...todo, state: 'drafted', state_name: '申请准备中', why, actions }
  const phone = await open({
    'GET /todos/mine': { items: [back], estates: [] },
    [`GET /purchases/${CASE_ID}/my-part`]: ownCase,
  })
  assert.ok(phone.text().includes(why))
  await phone.tap('去办理')
  assert.equal(phone.path, `pages/case/case?id=${CASE_ID}`)
})

test('mandate and balances of the estates are shown before anyone applies', async () => {
  const phone = await open()
  assert.match(phone.text(), /委托有效至2025年12月31日/)
  assert.match(phone.text(), /10,000元/)
  await phone.tap('申请电梯维修保险')
  assert.equal(phone.path, `pages/apply/apply?estate=${ESTATE_ID}`)
})

test('without a mandate nobody is invited to apply', async () => {
  const words = '没有有效的业主委员会委托'
  const without = { ...estate, mandate_until: null, mandate_words: words }
  const phone = await open({ 'GET /todos/mine': { items: [], estates: [without] } })
  assert.ok(phone.text().includes(words))
  assert.throws(() => phone.control('申请电梯维修保险'))
  assert.match(phone.text(), /都办完了/)
})

test('what others must do says who and until when, and leads to the case', async () => {
  const other = { ...todo, mine: false, who: '中心出纳', task: '中心出纳拨付保费' }
  const phone = await open({
    'GET /todos/mine': { items: [other], estates: [] },
    [`GET /purchases/${CASE_ID}/my-part`]: ownCase,
  })
  assert.match(phone.text(), /等中心出纳办：中心出纳拨付保费[\s\S]*截至2025年3月5日（周三）24:00，还有2个工作日/)
  await phone.tap('看办理进展')
  assert.equal(phone.path, `pages/case/case?id=${CASE_ID}`)
})

test('who manages nothing is told whom to ask', async () => {
  const phone = await open({ 'GET /todos/mine': { items: [], estates: [] } })
  assert.match(phone.text(), /没有您管理的小区/)
})

const openApply = (changed = {}, query = `estate=${ESTATE_ID}`) =>
  openPage(`pages/apply/apply?${query}`, { answers: { ...apply, ...changed } })

test('the balance stands before the choice, and covered lifts are not chosen', async () => {
  const phone = await openApply()
  assert.match(phone.text(), /账户现在能用\n10,000元/)
  assert.match(phone.text(), /已保到2025年6月30日24:00/)
  assert.equal(phone.control('1栋1单元', 'checkbox').checked, true)
  assert.equal(phone.control('1栋2单元', 'checkbox').checked, false)
  assert.doesNotMatch(phone.text(), /未入围保险/)
})

test('an application is drafted, and goes on at its own page', async () => {
  const phone = await openApply({
    'POST /purchases': [201, drafted],
    [`GET /purchases/${CASE_ID}/my-part`]: ownCase,
  })
  await phone.tap('起草申请')
  assert.match(phone.text(), /请选择保险机构/)
  await phone.tap('示例财产保险', 'radio')
  await phone.tap('起草申请')
  assert.deepEqual(wrote(phone, '/purchases')[0].body, {
    route: 'R1',
    estate_id: ESTATE_ID,
    account_id: ACCOUNT_ID,
    insurer_id: INSURER_ID,
    applicant: 'property_company',
    lift_ids: [LIFTS[0]],
  })
  assert.equal(phone.path, `pages/case/case?id=${CASE_ID}`)
})

test('a lift that another case is at work on is not chosen, and says which', async () => {
  const [first, ...rest] = apply[`GET /estates/${ESTATE_ID}/lifts`].items
  const items = [{ ...first, open_case: 'SQ-2025-000009' }, ...rest]
  const phone = await openApply({ [`GET /estates/${ESTATE_ID}/lifts`]: { items } })
  assert.match(phone.text(), /已在申请 SQ-2025-000009 里办理/)
  assert.equal(phone.control('1栋1单元', 'checkbox').checked, false)
})

test('what is missing is listed at the top of the application', async () => {
  const phone = await openApply()
  await phone.tap('起草申请')
  assert.match(phone.text(), /^[\s\S]{0,80}还有 1 处要改\n请选择保险机构。/)
})

test('a refusal is said where it belongs', async () => {
  const message = '该统筹账户不属于本小区，请重新选择。'
  const refusal = [422, { errors: [{ code: 'account_not_of_estate', message, field: 'account_id' }] }]
  const phone = await openApply({ 'POST /purchases': refusal })
  await phone.tap('示例财产保险', 'radio')
  await phone.tap('起草申请')
  assert.ok(phone.text().includes(message))
})

const POSTING = `/notices/${NOTICE_ID}/posting`
const PHOTOS = `POST /notices/${NOTICE_ID}/photos`
const openPosting = (changed = {}, options = {}) =>
  openPage(`pages/posting/posting?notice=${NOTICE_ID}`, {
    answers: { ...session, [`GET ${POSTING}`]: posting, 'POST /uploads': uploaded, ...changed },
    ...options,
  })

async function photograph(phone, name) {
  await phone.tap(name)
  await phone.tap('同意')
  await phone.choose('wall.jpg')
}

test('each place shows which photos it has and which it needs', async () => {
  const phone = await openPosting()
  assert.match(phone.text(), /已有 1 张，还差 3 张/)
  assert.match(phone.text(), /1栋1单元\n还差 1 张/)
  assert.match(phone.text(), /不要拍到人脸和门牌号/)
  assert.throws(() => phone.control('拍照：1栋1单元结束远景'))
})

test('a photo goes with the hash of the poster that hangs there', async () => {
  const phone = await openPosting({ [PHOTOS]: [201, { ...drafted, warnings: [] }] })
  const complete = structuredClone(posting)
  complete.places[0].start.close = taken
  await phone.tap('拍照：1栋1单元开始近景')
  await phone.tap('同意')
  phone.say({ [`GET ${POSTING}`]: complete })
  await phone.choose('wall.jpg')
  assert.deepEqual(wrote(phone, '/photos')[0].body, {
    unit_id: UNITS[0],
    moment: 'start',
    framing: 'close',
    file_sha256: SHA,
    poster_sha256: 'b'.repeat(64),
  })
  assert.match(phone.text(), /1栋1单元\n齐了/)
})

test('the poster of another place is refused beside its photo', async () => {
  const message = '照片里的海报属于另一个单元，请核对后重拍。'
  const refusal = [409, { errors: [{ code: 'poster_of_other_place', message, field: 'file_sha256' }] }]
  const phone = await openPosting({ [PHOTOS]: refusal })
  await photograph(phone, '拍照：1栋2单元开始近景')
  assert.ok(phone.text().includes(message))
})

test('a photo that was taken in with a doubt says so', async () => {
  const message = '没有看清二维码，建议靠近一些重拍。'
  const phone = await openPosting({
    [PHOTOS]: [201, { ...drafted, warnings: [{ code: 'code_not_seen', message }] }],
  })
  await photograph(phone, '拍照：1栋1单元开始近景')
  assert.ok(phone.text().includes(`照片已收下。${message}`))
})

test('a poster is made where there is none', async () => {
  const pdf = new Uint8Array([37, 80, 68, 70])
  const phone = await openPosting({
    'POST /posters': [201, { sha256: SHA, media_type: 'application/pdf', missing: '𠮷', url: '' }],
    [`GET /posters/${SHA}`]: [200, pdf],
  })
  await phone.tap('制作海报（A4）：1栋2单元')
  assert.equal(wrote(phone, '/posters')[0].body.unit_id, UNITS[1])
  assert.match(phone.text(), /打开文件/)
  await phone.tap('关闭')
  assert.match(phone.text(), /“𠮷”没有字体/)
})

test('a poster that A4 cannot hold is offered on A3', async () => {
  const message = '公示内容太长，A4 放不下，可改用 A3。'
  const refusal = [422, { errors: [{ code: 'poster_too_long', message, field: 'paper' }] }]
  const phone = await openPosting({ 'POST /posters': refusal })
  await phone.tap('制作海报（A4）：1栋2单元')
  assert.match(phone.text(), /A4 放不下/)
  assert.deepEqual(wrote(phone, '/posters').map(({ body }) => body.paper), ['A4'])
  await phone.tap('用 A3')
  assert.deepEqual(wrote(phone, '/posters').map(({ body }) => body.paper), ['A4', 'A3'])
  assert.equal(wrote(phone, '/posters')[1].body.unit_id, UNITS[1])
  // What A3 cannot hold either is not offered again.
  assert.throws(() => phone.control('用 A3'), /nothing is called/)
})

test('who would rather not print A3 is left alone', async () => {
  const refusal = [422, { errors: [{ code: 'poster_too_long', message: '太长。', field: 'paper' }] }]
  const phone = await openPosting({ 'POST /posters': refusal })
  await phone.tap('制作海报（A4）：1栋2单元')
  await phone.tap('再想想')
  assert.equal(wrote(phone, '/posters').length, 1)
})

test('a link that is not whole says so in words for people', async () => {
  const message = '“estate_id”填写不正确，请按接口文档的格式填写。'
  const refusal = [422, { errors: [{ code: 'field_invalid', message, field: 'estate_id' }] }]
  const answers = {
    ...session,
    'GET /estates/7b1/ways': refusal,
  }
  const phone = await openPage('pages/apply/apply?estate=7b1', { answers })
  assert.match(phone.text(), /链接打不开\n链接可能不完整。请回到首页/)
  assert.doesNotMatch(phone.text(), /接口|estate/)
})

const running = {
  ...posting,
  notice: { ...posting.notice, state: 'open', starts_on: '2025-03-03', ends_on: '2025-03-10' },
}

test('end photos wait for the last day', async () => {
  const early = await openPosting({ [`GET ${POSTING}`]: running })
  assert.match(early.text(), /公示已经开始/)
  assert.match(early.text(), /最后一天是2025年3月10日/)
  assert.throws(() => early.control('拍照'))
  const due = await openPosting({ [`GET ${POSTING}`]: running }, { now: '2025-03-10T08:00:00+08:00' })
  assert.match(due.text(), /现在该拍结束照片\n[\s\S]*还差 4 张/)
  assert.ok(due.control('拍照：1栋1单元结束远景'))
})

test('only the photos that the city asks for are asked for', async () => {
  const phone = await openPosting({ [`GET ${POSTING}`]: { ...posting, framings: ['close'] } })
  assert.match(phone.text(), /每处一张近景。最后一张到齐/)
  assert.match(phone.text(), /还差 2 张/)
  assert.throws(() => phone.control('拍照：1栋2单元开始远景'))
  assert.ok(phone.control('拍照：1栋2单元开始近景'))
})

test('where the city\'s text is too long for A4, the page offers A3 and makes it', async () => {
  const message = '文字太长，一张纸上排不下，可改用 A3：受影响的业主…'
  const refusal = [409, { errors: [{ code: 'poster_too_long', message, field: 'paper' }] }]
  const made = [201, { sha256: SHA, media_type: 'application/pdf', missing: '', url: '' }]
  const phone = await openPosting({
    'POST /posters': ({ body }) => (body.paper === 'A4' ? refusal : made),
    [`GET /posters/${SHA}`]: [200, new Uint8Array([37, 80, 68, 70])],
  })
  await phone.tap('制作海报（A4）：1栋2单元')
  assert.match(phone.text(), /A4 放不下\n.*改用 A3 纸吗？/)
  await phone.tap('用 A3')
  assert.deepEqual(wrote(phone, '/posters').map(({ body }) => body.paper), ['A4', 'A3'])
  assert.ok(phone.requests.at(-1).path.endsWith(`/posters/${SHA}`))
})

test('what became of a notice is said once no photo is asked for', async () => {
  const resting = [
    ['open', '公示已经开始'],
    ['suspended', '有书面异议，公示暂缓'],
    ['ended', '公示已经结束'],
    ['void', '这次公示已经作废'],
  ]
  for (const [state, words] of resting) {
    const notice = { ...posting.notice, state, ends_on: state === 'void' ? null : '2025-03-10' }
    const phone = await openPosting({ [`GET ${POSTING}`]: { ...posting, notice } })
    assert.match(phone.text(), new RegExp(words))
    assert.doesNotMatch(phone.text(), state === 'open' ? /作废/ : /已经开始|最后一张到齐|当天或以后拍的结束照片/)
    assert.equal(/制作海报|打开海报/.test(phone.text()), state !== 'void')
  }
})
