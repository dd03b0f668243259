// The lift page: where a scan lands.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage } from './phones.mjs'
import * as say from './public_answers.mjs'

const SCAN = `pages/lift/lift?q=${encodeURIComponent(`https://tibao.example.cn/e/${say.TOKEN}`)}`
const open = (lift, options = {}) => openPage(SCAN, { answers: { [say.LIFT]: lift }, ...options })
const CALM = /这个二维码看不到电梯信息/

test('a scan costs one request and no login', async () => {
  const phone = await open(say.insured)
  assert.deepEqual(
    phone.requests.map(({ method, path }) => `${method} ${path}`),
    [`GET /api/v1/public/lifts/${say.TOKEN}`],
  )
})

test('an insured lift says so, who insures it, until when and what is covered', async () => {
  const text = (await open(say.insured)).text()
  for (const words of [
    '示例小区',
    '1栋1单元1号梯',
    say.insured.headline,
    say.insured.meaning,
    '2025年12月31日24:00',
    'PZHX 2025 0001',
    '曳引机、门机的维修和更换。',
    '安达维保',
    '2025年6月30日',
  ]) {
    assert.ok(text.includes(words), words)
  }
  assert.doesNotMatch(text, /怎样给这台电梯投保/)
})

test('whoever is trapped can call with one tap, and reads what to do and what to say', async () => {
  const phone = await open(say.insured)
  assert.match(phone.text(), /^被困请拨96333\n按报警按钮/)
  assert.match(phone.text(), /电话里这样说：示例小区1栋1单元1号梯，示例路1号，注册代码 311043310020240001/)
  await phone.tap('被困请拨')
  assert.match(phone.text(), /96333/)
})

test('the number of the city is known from then on, without network and for a wrong code', async () => {
  const stored = { emergency: say.insured.emergency }
  for (const page of ['pages/lift/lift?token=NOTATOKEN', 'pages/lift/lift']) {
    const phone = await openPage(page, { stored })
    assert.ok(phone.control('被困请拨'))
  }
  const lost = await open([500, {}], { stored })
  assert.ok(lost.control('被困请拨'))
  const first = await open([500, {}])
  assert.ok(first.control('被困请拨'))
})

test('an uninsured lift says who may apply, how, and that the account falls short', async () => {
  const text = (await open(say.uninsured)).text()
  for (const words of ['没有维修保险', '3名以上业主联名', '向中心提出申请', '还差700元']) {
    assert.ok(text.includes(words), words)
  }
})

test('a cover that has not begun is no cover yet', async () => {
  const text = (await open(say.upcoming)).text()
  assert.match(text, /即将生效的保险/)
  assert.match(text, /2025年4月1日0:00/)
})

test('a notice shows its exact last moment, what is left and why, and leads to objecting', async () => {
  const phone = await open(say.posted)
  assert.match(phone.text(), /还有7天 15小时/)
  assert.match(phone.text(), /2025年3月10日（周一）24:00/)
  assert.doesNotMatch(phone.text(), /民法典201/)
  await phone.tap('为什么是这一刻？')
  assert.match(phone.text(), /张贴当日不计入/)
  await phone.tap('提出异议')
  assert.equal(phone.path, `pages/object/object?notice=${say.NUMBER}&lift=${say.TOKEN}`)
})

test('a suspended notice counts nothing down and can still be objected to', async () => {
  const [shown] = say.posted.notices
  const suspended = { ...shown, state: 'suspended', how_long: '已有书面异议，暂缓实施。' }
  const phone = await open({ ...say.posted, notices: [suspended] })
  assert.match(phone.text(), /已暂停计时/)
  assert.doesNotMatch(phone.text(), /还有7天/)
  phone.control('提出异议')
})

test('an ended notice offers no objection', async () => {
  const [shown] = say.posted.notices
  const ended = { ...shown, open_to_objections: false }
  const phone = await open({ ...say.posted, notices: [ended] }, { now: '2025-03-12T09:00:00+08:00' })
  assert.match(phone.text(), /公示已经结束/)
  assert.throws(() => phone.control('提出异议'), /nothing is called/)
})

test('unknown, revoked and guessed codes get one calm page that tells nothing else', async () => {
  const calm = []
  for (const answer of [say.missing, [429, {}]]) calm.push((await open(answer)).text())
  for (const page of [
    `pages/lift/lift?scene=${'x'.repeat(33)}`,
    `pages/lift/lift?q=${encodeURIComponent(`https://elsewhere.example/e/${say.TOKEN}`)}`,
    `pages/lift/lift?q=${encodeURIComponent(encodeURIComponent('https://tibao.example.cn/e/'))}`,
  ]) {
    const phone = await openPage(page)
    assert.deepEqual(phone.requests, [])
    calm.push(phone.text())
  }
  assert.match(calm[0], CALM)
  assert.match(calm[0], /119/)
  assert.equal(new Set(calm).size, 1)
})

test('without any code the page invites to scan, and lists the lifts seen before', async () => {
  const fresh = await openPage('pages/lift/lift')
  assert.match(fresh.text(), /扫一扫电梯里的二维码/)
  assert.doesNotMatch(fresh.text(), CALM)
  const stored = { recents: [{ token: say.TOKEN, name: '示例小区 1栋' }] }
  const known = await openPage('pages/lift/lift', { stored, answers: { [say.LIFT]: say.insured } })
  await known.tap('示例小区 1栋')
  assert.match(known.text(), /这台电梯已投保/)
})

test('without a network the lift seen last is shown with its time, and refreshed afterwards', async () => {
  const at = '2025-03-02T10:20:00+08:00'
  const stored = { [`seen:/public/lifts/${say.TOKEN}`]: { value: say.insured, at } }
  const away = [503, { errors: [{ code: 'busy', message: '系统繁忙', field: null }] }]
  const phone = await open(away, { stored })
  assert.match(phone.text(), /下面是 3月2日 10:20 看到的内容/)
  assert.match(phone.text(), /这台电梯已投保/)
  phone.say({ [say.LIFT]: say.uninsured })
  await phone.tap('重新连接')
  assert.match(phone.text(), /目前没有维修保险/)
  assert.doesNotMatch(phone.text(), /看到的内容/)
})

test('a lift never seen before, while the service is away: what to do, whom to call, and another try', async () => {
  const lost = await open([500, {}])
  assert.match(lost.text(), /暂时看不了/)
  assert.match(lost.text(), /119/)
  lost.say({ [say.LIFT]: say.insured })
  await lost.tap('再试一次')
  assert.match(lost.text(), /这台电梯已投保/)
})

test('large print follows WeChat, and the own choice outlives it', async () => {
  const answers = { [say.LIFT]: say.insured }
  const large = await openPage(SCAN, { answers, font: 24 })
  assert.ok(large.query('.page.elder'))
  await large.tap('最大')
  assert.ok(large.query('.page.elder3'))
  await large.tap('标准')
  assert.equal(large.query('.page.elder'), null)
  for (const elder of [true, 1]) {
    const chosen = await openPage(SCAN, { answers, stored: { elder } })
    assert.ok(chosen.query('.page.elder1'))
  }
})

test('each of WeChat’s larger steps has its own print', async () => {
  const answers = { [say.LIFT]: say.insured }
  const size = async (font) => (await openPage(SCAN, { answers, font })).query('.page').className
  assert.match(await size(16), /page *$/)
  assert.match(await size(19), /page *$/)
  for (const [font, step] of [[20, 1], [24, 2], [30, 3], [40, 3]]) {
    assert.match(await size(font), new RegExp(`elder${step}$`))
  }
})

test('following says why first, then asks, then tells the service', async () => {
  const phone = await open(say.insured)
  phone.say({
    ...say.session,
    'GET /public/city': say.city,
    [`POST /lifts/${say.TOKEN}/follow`]: [201, {}],
    [`DELETE /lifts/${say.TOKEN}/follow`]: [200, {}],
  })
  await phone.tap('通知我')
  assert.match(phone.text(), /保障变化：开始或到期时告诉您。/)
  await phone.tap('好，去选择')
  await phone.tap('允许', 'button')
  assert.match(phone.text(), /已经关注/)
  const follow = phone.requests.find(({ path }) => path.endsWith('/follow'))
  assert.equal(follow.method, 'POST')
  assert.match(follow.headers['idempotency-key'], /^[a-z0-9]{24}$/)
  await phone.tap('取消关注')
  assert.match(phone.text(), /通知我/)
})

test('whoever refuses messages follows all the same, and is told what that means', async () => {
  const phone = await open(say.insured)
  phone.say({
    ...say.session,
    'GET /public/city': say.city,
    [`POST /lifts/${say.TOKEN}/follow`]: [201, {}],
  })
  await phone.tap('通知我')
  await phone.tap('好，去选择')
  await phone.tap('取消', 'button')
  assert.match(phone.text(), /您没有同意接收消息/)
})

async function wanting(follow) {
  const phone = await open(say.insured)
  phone.say({
    ...say.session,
    'GET /public/city': say.city,
    [`POST /lifts/${say.TOKEN}/follow`]: follow,
  })
  await phone.tap('通知我')
  return phone
}

const agree = async (phone) => {
  await phone.tap('好，去选择')
  await phone.tap('允许', 'button')
}

const sent = (phone, end) => phone.requests.filter(({ path }) => path.endsWith(end))

test('what is sent again because no answer came carries the same key', async () => {
  let tries = 0
  const phone = await wanting(() => (++tries === 1 ? [503, {}] : [201, {}]))
  await agree(phone)
  assert.match(phone.toast, /请稍后再试/)
  await agree(phone)
  const [first, second] = sent(phone, '/follow').map(({ headers }) => headers['idempotency-key'])
  assert.equal(first, second)
  assert.match(phone.text(), /已经关注/)
})

test('a session that the service forgot is renewed once, unseen', async () => {
  let tries = 0
  const ended = [401, { errors: [{ code: 'session_ended', message: '请重新登录', field: null }] }]
  const phone = await wanting(() => (++tries === 1 ? ended : [201, {}]))
  await agree(phone)
  assert.equal(sent(phone, '/sessions').length, 2)
  assert.match(phone.text(), /已经关注/)
})

test('the estate\'s money is told to whoever scanned, to the fen and by year', async () => {
  const account = {
    estate: '示例小区',
    address: '示例路1号',
    about: ['统筹账户里是住宅专项维修资金的增值收益。'],
    pools: [
      {
        name: '1栋统筹账户',
        balance_fen: 1080005,
        held_fen: 130000,
        years: [
          {
            year: 2025,
            began_fen: 1000000,
            moved: [
              { flow: 'income', name: '增值收益分配', fen: 210005 },
              { flow: 'premium', name: '保险费（申请拨付时记账）', fen: -130000 },
            ],
            ended_name: '现在余额',
            ended_fen: 1080005,
          },
        ],
      },
    ],
    policies: [
      {
        number: 'PZHX 2025 0001',
        insurer: '示例保险',
        starts_on: '2025-01-01',
        last_day: '2025-12-31',
        lifts: 2,
        premium_fen: null,
      },
    ],
    notices: [
      {
        number: 'GS-2025-000001',
        days: '2025年3月1日至2025年3月10日24:00',
        objection_counts: { total: 2, open: 1 },
        objection_words: '收到异议2份，其中1份正在处理，答复见公示。',
      },
    ],
    centre: say.insured.centre,
  }
  const path = `GET /public/lifts/${say.TOKEN}/account`
  const phone = await open(say.insured, { answers: { [say.LIFT]: say.insured, [path]: account } })
  await phone.tap('看小区公开账目')
  assert.equal(phone.path, `pages/account/account?lift=${say.TOKEN}`)
  for (const words of [
    /现在有\n10,800\.05元\n其中1,300元已为正在办理的投保预留/,
    /2025年\n年初余额10,000元\n增值收益分配2,100\.05元\n保险费（申请拨付时记账）-1,300元\n现在余额10,800\.05元/,
    /示例保险\n2025年1月1日0:00至2025年12月31日24:00，2台电梯\n公示和异议/,
    /2025年3月1日至2025年3月10日24:00\n收到异议2份，其中1份正在处理/,
  ]) {
    assert.match(phone.text(), words)
  }
  const empty = { ...account, pools: [], policies: [], notices: [] }
  const bare = await openPage(`pages/account/account?lift=${say.TOKEN}`, { answers: { [path]: empty } })
  assert.match(bare.text(), /还没有保单[^]*还没有公示/)
})
