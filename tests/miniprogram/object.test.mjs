// Objecting: who one is comes first, then what one says, then it is sent once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage } from '../../miniprogram_web/tester.mjs'
import { NOTICE_ID, OBJECTION_ID, SHA, filed, mine, notice, objection, part, uploaded } from './own_answers.mjs'

const PAGE = `pages/object/object?notice=${notice.number}`
const SEND = `/api/v1/notices/${NOTICE_ID}/objections`
const NAME = [[10, 10], [40, 60], [90, 20], [130, 70]]

const answers = (changed = {}) => ({
  ...mine,
  [`GET /public/notices/${notice.number}`]: notice,
  [`GET /notices/${NOTICE_ID}/my-part`]: part(),
  [`POST /notices/${NOTICE_ID}/objections`]: [201, filed],
  'POST /uploads': uploaded,
  'GET /objections/mine': { items: [objection] },
  ...changed,
})
const open = (changed, options) => openPage(PAGE, { answers: answers(changed), ...options })
const sent = (phone) => phone.requests.filter(({ method, path }) => method === 'POST' && path === SEND)

async function sign(phone) {
  await phone.draw('签名区', NAME)
  await phone.tap('签好了')
}

async function write(phone, text = '保费偏高') {
  await phone.tap('保费或保额', 'radio')
  await phone.type('意见和理由', text)
  await sign(phone)
}

test('a verified owner reads until when and how to write, before anything is asked', async () => {
  const phone = await open()
  assert.match(phone.text(), /2025年3月10日（周一）24:00/)
  assert.match(phone.text(), /怎样写才有效/)
  assert.match(phone.text(), /示例小区1栋1单元101/)
})

test('an objection is looked through, sent, and leads to its receipt', async () => {
  const phone = await open()
  await write(phone)
  await phone.tap('下一步')
  assert.match(phone.text(), /书面异议\n针对公示\nGS-20250303-0001\n类别\n保费或保额/)
  assert.equal(sent(phone).length, 0)
  await phone.tap('提交异议')
  assert.deepEqual(sent(phone)[0].body, {
    kind: 'price',
    text: '保费偏高',
    publish_text: false,
    photos: [],
    signature: SHA,
  })
  assert.equal(phone.path, `pages/receipt/receipt?id=${OBJECTION_ID}&fresh=1`)
  assert.match(phone.text(), /已经收到您的异议/)
})

test('what is missing is said beside each field, all at once', async () => {
  const phone = await open()
  await phone.tap('下一步')
  for (const words of ['请选择一个类别', '请写明反对什么', '请手写签名']) {
    assert.ok(phone.text().includes(words), words)
  }
  assert.equal(phone.query('.sheet'), null)
  assert.match(phone.text(), /还有 3 处要改/)
  assert.ok(phone.text().indexOf('还有 3 处要改') < phone.text().indexOf('怎样写才有效'))
  await phone.tap('请写明反对什么、为什么。', 'button')
  assert.equal(phone.document.activeElement.tagName, 'TEXTAREA')
  await phone.tap('保费或保额', 'radio')
  assert.match(phone.text(), /还有 2 处要改/)
})

test('a dot is refused when it is drawn, not when everything is sent', async () => {
  const phone = await open()
  await phone.draw('签名区', [[10, 10], [12, 12]])
  await phone.tap('签好了')
  assert.match(phone.text(), /签名太小或没有写完/)
  assert.doesNotMatch(phone.text(), /签名已保存/)
  await phone.draw('签名区', NAME)
  await phone.tap('签好了')
  assert.match(phone.text(), /签名已保存/)
})

test('whatever the service refuses is listed at the top, each with its field', async () => {
  const errors = [
    { code: 'photo_repeated', message: '同一张照片只需上传一次。', field: 'photos' },
    { code: 'signature_too_small', message: '签名太小。', field: 'signature' },
  ]
  const phone = await open({ [`POST /notices/${NOTICE_ID}/objections`]: [422, { errors }] })
  await write(phone)
  await phone.tap('下一步')
  await phone.tap('提交异议')
  assert.match(phone.text(), /还有 2 处要改/)
  assert.ok(phone.control('同一张照片只需上传一次。', 'button'))
  assert.ok(phone.control('签名太小。', 'button'))
})

test('a photo that did not get through is never left out in silence', async () => {
  const phone = await open({ 'POST /uploads': [503, { errors: [] }] })
  await phone.tap('拍照或选照片')
  await phone.tap('同意')
  await phone.choose('lobby.jpg')
  phone.say({ 'POST /uploads': uploaded })
  await write(phone)
  await phone.tap('下一步')
  assert.match(phone.text(), /有 1 张照片没有传上去/)
  await phone.tap('重新上传')
  await phone.tap('下一步')
  assert.match(phone.text(), /照片\n1 张/)
})

test('several photos are sent one after the other, since few are taken at once', async () => {
  const arrived = []
  const next = () => {
    // Each says so twice, for eyes and for ears.
    arrived.push((phone.text().match(/已上传/g) ?? []).length / 2)
    return [201, { ...uploaded[1], sha256: String(arrived.length).repeat(64) }]
  }
  const phone = await open({ 'POST /uploads': next })
  await phone.tap('拍照或选照片')
  await phone.tap('同意')
  await phone.choose('a.jpg', 'b.jpg', 'c.jpg', 'd.jpg')
  assert.deepEqual(arrived, [0, 1, 2, 3])
  await write(phone)
  await phone.tap('下一步')
  assert.match(phone.text(), /照片\n4 张/)
})

test('the same photo twice is told at once, and counts once', async () => {
  const phone = await open()
  for (const again of [false, true]) {
    await phone.tap(again ? '再加一张' : '拍照或选照片')
    if (!again) await phone.tap('同意')
    await phone.choose(`lobby${again}.jpg`)
  }
  assert.match(phone.text(), /和前面一张相同，没有加入/)
  await write(phone)
  await phone.tap('下一步')
  assert.match(phone.text(), /照片\n1 张/)
})

test('whose home is elsewhere is told so, and is not led in a circle', async () => {
  const words = '您核验过的房屋是示例小区2栋1单元101，不在本次公示的范围（1栋1单元）里。'
  const elsewhere = { ...part(), eligibility: 'elsewhere', words, homes: [] }
  const phone = await open({ [`GET /notices/${NOTICE_ID}/my-part`]: elsewhere })
  assert.match(phone.text(), /您的房屋不在这次公示的范围里/)
  assert.ok(phone.text().includes(words))
  assert.doesNotMatch(phone.text(), /先确认您是业主/)
})

test('only a verified owner reads that WeChat stands for the signature', async () => {
  for (const [eligibility, words] of [
    ['affected', /将以您核验过的微信身份代替手写签名/],
    ['waiting', /中心核实您是业主以后/],
  ]) {
    const phone = await open({ [`GET /notices/${NOTICE_ID}/my-part`]: { ...part(), eligibility } })
    await phone.tap('我不方便手写', 'switch')
    assert.match(phone.text(), words)
  }
})

test('a text of 2501 characters is counted and held back, 2500 pass', async () => {
  const phone = await open()
  await write(phone, '字'.repeat(2501))
  assert.match(phone.text(), /2501 \/ 2500 字，超出 1 字/)
  await phone.tap('下一步')
  assert.match(phone.text(), /超出 1 字，请删短一些/)
  await phone.type('意见和理由', '字'.repeat(2500))
  await phone.tap('下一步')
  assert.match(phone.text(), /提交以后/)
})

test('blanks alone are no text', async () => {
  const phone = await open()
  await write(phone, '  \n ')
  await phone.tap('下一步')
  assert.match(phone.text(), /请写明反对什么/)
})

test('photos go along, with the reminder that faces and door numbers stay out', async () => {
  const phone = await open()
  assert.match(phone.text(), /不要拍到人脸、门牌号/)
  await phone.tap('拍照或选照片')
  await phone.tap('同意')
  await phone.choose('lobby.jpg')
  await write(phone)
  await phone.tap('下一步')
  assert.match(phone.text(), /照片\n1 张/)
  await phone.tap('提交异议')
  assert.deepEqual(sent(phone)[0].body.photos, [SHA])
})

test('who cannot write by hand confirms as the person WeChat vouches for', async () => {
  const phone = await open()
  await phone.tap('保费或保额', 'radio')
  await phone.type('意见和理由', '保费偏高')
  await phone.tap('我不方便手写', 'switch')
  await phone.tap('下一步')
  assert.match(phone.text(), /以微信身份确认/)
  await phone.tap('提交异议')
  assert.equal('signature' in sent(phone)[0].body, false)
})

test('the words are published only when the owner asks for it', async () => {
  const phone = await open()
  await write(phone)
  await phone.tap('把我写的理由也公开', 'switch')
  await phone.tap('下一步')
  assert.match(phone.text(), /公开，不带姓名/)
  await phone.tap('提交异议')
  assert.equal(sent(phone)[0].body.publish_text, true)
})

test('sent without network and again when back is one objection under one key', async () => {
  const phone = await open()
  await write(phone)
  await phone.tap('下一步')
  await phone.connect(false)
  await phone.tap('提交异议')
  assert.match(phone.text(), /还没有送出/)
  await phone.connect(true)
  phone.say({ [`POST /notices/${NOTICE_ID}/objections`]: [503, { errors: [] }] })
  await phone.tap('提交异议')
  phone.say({ [`POST /notices/${NOTICE_ID}/objections`]: [201, filed] })
  await phone.tap('提交异议')
  const keys = sent(phone).map(({ headers }) => new Headers(headers).get('Idempotency-Key'))
  assert.equal(keys.length, 2)
  assert.match(keys[0], /^[a-z0-9]{24}$/)
  assert.equal(new Set(keys).size, 1)
  assert.match(phone.path, /receipt/)
})

test('what was written is still there after the page was left', async () => {
  const phone = await open()
  await phone.type('意见和理由', '写了一半')
  const stored = { [`draft:${notice.number}`]: { kind: 'need', text: '写了一半', publish: true, byHand: true } }
  const again = await open({}, { stored })
  assert.equal(again.field('意见和理由').value, '写了一半')
  assert.equal(again.control('没有必要投保', 'radio').checked, true)
})

test('a refusal of the service is said beside the field it names', async () => {
  const message = '签名太小，请写大一些。'
  const refusal = [422, { errors: [{ code: 'signature_too_small', message, field: 'signature' }] }]
  const phone = await open({ [`POST /notices/${NOTICE_ID}/objections`]: refusal })
  await write(phone)
  await phone.tap('下一步')
  await phone.tap('提交异议')
  assert.ok(phone.text().includes(message))
  assert.equal(phone.query('.sheet'), null)
})

test('whoever objected already is shown the receipt instead of a form', async () => {
  const before = { id: OBJECTION_ID, number: objection.number, status: 'verified' }
  const phone = await open({ [`GET /notices/${NOTICE_ID}/my-part`]: part('affected', before) })
  assert.match(phone.text(), /您已经提过异议/)
  assert.throws(() => phone.field('意见和理由'))
  await phone.tap('查看回执和答复')
  assert.equal(phone.path, `pages/receipt/receipt?id=${OBJECTION_ID}`)
})

test('an objection that another device filed a minute before is found, not doubled', async () => {
  const message = '您已就本次公示提出异议（YY-20250303-0001），无需重复提交。'
  const phone = await open({
    [`POST /notices/${NOTICE_ID}/objections`]: [
      409,
      { errors: [{ code: 'objection_already_filed', message, field: null }] },
    ],
  })
  await write(phone)
  await phone.tap('下一步')
  const before = { id: OBJECTION_ID, number: objection.number, status: 'verified' }
  phone.say({ [`GET /notices/${NOTICE_ID}/my-part`]: part('affected', before) })
  await phone.tap('提交异议')
  assert.match(phone.text(), /您已经提过异议/)
})

test('a phone on the roster verifies at once and opens the form', async () => {
  const phone = await open({
    [`GET /notices/${NOTICE_ID}/my-part`]: part('unknown'),
    'POST /me/phone': { phone_masked: '138****8000', verified: true, homes: [{}], seats: [], message: '' },
  })
  assert.throws(() => phone.field('意见和理由'))
  await phone.tap('用手机号核验')
  await phone.tap('同意')
  phone.say({ [`GET /notices/${NOTICE_ID}/my-part`]: part() })
  await phone.tap('允许')
  assert.ok(phone.field('意见和理由'))
  assert.deepEqual(phone.requests.find(({ path }) => path.endsWith('/me/phone')).body, {
    code: 'phone-code',
  })
})

test('who is not on the roster is led on to the centre and may object while it checks', async () => {
  const message = '手机号已核验，名册上没有这个号码。'
  const phone = await open({
    [`GET /notices/${NOTICE_ID}/my-part`]: part('unknown'),
    'POST /me/phone': { phone_masked: '138****8000', verified: true, homes: [], seats: [], message },
    'POST /owner-verifications/owner': [201, { id: OBJECTION_ID }],
  })
  await phone.tap('用手机号核验')
  await phone.tap('同意')
  await phone.tap('允许')
  assert.ok(phone.text().includes(message))
  await phone.tap('提交核验')
  assert.match(phone.text(), /请填写房号/)
  await phone.type('房号', '301')
  await phone.type('产权人姓名', '王小明')
  phone.say({ [`GET /notices/${NOTICE_ID}/my-part`]: part('waiting') })
  await phone.tap('提交核验')
  const verification = phone.requests.find(({ path }) => path.endsWith('/owner-verifications/owner'))
  assert.deepEqual(verification.body, {
    estate_code: 'E1',
    building: '1栋',
    unit: '1单元',
    room: '301',
    name: '王小明',
  })
  assert.match(phone.text(), /现在就可以提出异议/)
  assert.ok(phone.field('意见和理由'))
})

test('who does not want to show the phone can say so and is led on as well', async () => {
  const phone = await open({ [`GET /notices/${NOTICE_ID}/my-part`]: part('unknown') })
  await phone.tap('用手机号核验')
  await phone.tap('同意')
  await phone.tap('不允许')
  assert.match(phone.text(), /没有拿到手机号/)
  assert.ok(phone.field('房号'))
})

test('after the end an opinion may still be sent, and is told what it is worth', async () => {
  const over = { ...notice, open_to_objections: false, state: 'ended', how_long: '公示已于2025年3月10日（周一）24:00结束。' }
  const phone = await open({ [`GET /public/notices/${notice.number}`]: over })
  assert.match(phone.text(), /公示已于2025年3月10日/)
  assert.match(phone.text(), /不会暂缓投保/)
})

test('without network and without a kept copy the page says what to do', async () => {
  const phone = await open({ [`GET /public/notices/${notice.number}`]: [503, { errors: [] }] })
  assert.match(phone.text(), /再试一次/)
})

const way = (eligibility, ...channels) => ({
  [`GET /notices/${NOTICE_ID}/my-part`]: { ...part(eligibility), channels },
})

test('where objections come on paper, the page says where to, and asks for nothing', async () => {
  for (const eligibility of ['affected', 'unknown']) {
    const phone = await open(way(eligibility, 'paper'))
    assert.match(phone.text(), /请书面提出\n[\s\S]*把签名的书面意见交给吉首市住房保障服务中心/)
    assert.doesNotMatch(phone.text(), /怎样写才有效|请中心核验/)
  }
})

test('where objections come by phone alone, nobody is sent to an office', async () => {
  const phone = await open(way('unknown', 'mini_program'))
  assert.match(phone.text(), /先确认您是业主/)
  assert.doesNotMatch(phone.text(), /也可以书面提出/)
})

test('tenants read one thing: on paper where the city takes it, else through an owner', async () => {
  for (const [channels, told, never] of [
    [['mini_program', 'paper'], /租户等不是业主的住户请书面交/, /请转告业主/],
    [['mini_program'], /租户请转告业主/, /书面交/],
  ]) {
    const phone = await open(way('unknown', ...channels))
    assert.match(phone.text(), told)
    assert.doesNotMatch(phone.text(), never)
  }
})

test('while a notice is suspended nobody is told of its end', async () => {
  const suspended = { [`GET /public/notices/${notice.number}`]: { ...notice, state: 'suspended' } }
  const mine = [part(), part('unknown'), { ...part(), channels: ['paper'] }]
  for (const found of mine) {
    const phone = await open({ ...suspended, [`GET /notices/${NOTICE_ID}/my-part`]: found })
    assert.doesNotMatch(phone.text(), /在公示结束前/)
    if (found !== mine[0]) assert.match(phone.text(), /现在暂停计时，仍然可以/)
  }
})
