// Whoever applies: inviting and signing, the case at work, contract and invoice.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage } from '../../miniprogram_web/tester.mjs'
import {
  CASE_ID,
  ESTATE_ID,
  INSURER_ID,
  LIFTS,
  NOTICE_ID,
  SHA,
  TOKEN,
  apply,
  doing,
  drafted,
  invitation,
  ownCase,
  posting,
  session,
  todo,
  uploaded,
} from './own_answers.mjs'

const PART = `GET /purchases/${CASE_ID}/my-part`
const INVITED = `GET /purchases/${CASE_ID}/invitation`
const wrote = (phone, end) =>
  phone.requests.filter(({ method, path }) => method === 'POST' && path.endsWith(end))
const openCase = (changed = {}, answers = {}) =>
  openPage(`pages/case/case?id=${CASE_ID}`, {
    answers: { ...session, [PART]: { ...ownCase, ...changed }, ...answers },
  })
const openJoint = (changed = {}, answers = {}) =>
  openPage(`pages/joint/joint?case=${CASE_ID}`, {
    answers: { ...session, [INVITED]: { ...invitation, ...changed }, ...answers },
  })

const OWNERS = {
  applicant: 'owners',
  applicant_name: '业主联名',
  form_made_here: true,
  signed: { cosigners: 3, needed: 3, signed_at: '2025-03-03T08:00:00+08:00', can_sign: false, can_withdraw: true },
}

test('from a scanned lift the account that pays for it and its lifts are chosen', async () => {
  const [way] = apply[`GET /estates/${ESTATE_ID}/ways`].ways
  const ways = {
    ...apply[`GET /estates/${ESTATE_ID}/ways`],
    lift_id: LIFTS[0],
    place: invitation.places[0],
    ways: [{ ...way, applicant: 'owners', name: '业主联名' }, way],
  }
  const phone = await openPage(`pages/apply/apply?lift=${TOKEN}`, {
    answers: { ...apply, [`GET /lifts/${TOKEN}/ways`]: ways },
  })
  assert.equal(phone.control('业主联名', 'radio').checked, true)
  assert.match(phone.text(), /账户现在能用\n10,000元\n估算：可用10,000元，2台一年保费约4,000元；现在够付第一年。/)
  assert.equal(phone.control('1栋1单元', 'checkbox').checked, true)
})

test('an owner who insures alone names lifts and no account, and hands in the title', async () => {
  const [way] = apply[`GET /estates/${ESTATE_ID}/ways`].ways
  const alone = {
    ...way,
    route: 'R3',
    applicant: 'independent_owner',
    name: '独立产权人',
    words: '这些电梯只服务您一个产权人的房屋。',
    accounts: [],
    lift_ids: [LIFTS[0]],
  }
  const phone = await openPage(`pages/apply/apply?estate=${ESTATE_ID}`, {
    answers: {
      ...apply,
      [`GET /estates/${ESTATE_ID}/ways`]: { ...apply[`GET /estates/${ESTATE_ID}/ways`], ways: [alone] },
      'POST /purchases': drafted,
    },
  })
  assert.match(phone.text(), /只服务您一个产权人/)
  assert.doesNotMatch(phone.text(), /统筹账户|从哪个账户支付/)
  assert.equal(phone.control('1栋1单元', 'checkbox').checked, true)
  assert.doesNotMatch(phone.text(), /1栋2单元/)
  await phone.tap('示例财产保险')
  await phone.tap('起草申请')
  assert.deepEqual(wrote(phone, '/purchases')[0].body, {
    route: 'R3',
    estate_id: ESTATE_ID,
    account_id: null,
    insurer_id: INSURER_ID,
    applicant: 'independent_owner',
    lift_ids: [LIFTS[0]],
  })
})

test('an owner who insures alone is told what to hand in, and what to pay in', async () => {
  const own = { applicant: 'independent_owner', applicant_name: '独立产权人' }
  const phone = await openCase(own)
  assert.match(phone.text(), /上传证明，请保险机构查勘/)
  assert.doesNotMatch(phone.text(), /签字盖章/)
  await phone.tap('提交，请保险机构查勘')
  assert.match(phone.text(), /请拍下产权证明。/)
  assert.equal(wrote(phone, '/own-application').length, 0)
  const opened = await openCase({ ...own, doings: [], deposit_fen: 390000, state_name: '专户已开立' })
  assert.match(opened.text(), /一次性缴存 3,900元/)
})

test('without the estimate beside it the form is whole', async () => {
  const busy = [503, { errors: [{ code: 'busy', message: '系统繁忙，请稍后再试。' }] }]
  const phone = await openPage(`pages/apply/apply?estate=${ESTATE_ID}`, {
    answers: { ...apply, [`GET /estates/${ESTATE_ID}/forecast`]: busy },
  })
  assert.match(phone.text(), /账户现在能用\n10,000元/)
  assert.doesNotMatch(phone.text(), /估算|系统繁忙/)
})

test('who is not known there is told who may apply, and can be verified', async () => {
  const hint = '可以申请的有：3名以上相关业主联名。'
  const none = { ...apply[`GET /estates/${ESTATE_ID}/ways`], ways: [], hint, place: invitation.places[0] }
  const phone = await openPage(`pages/apply/apply?lift=${TOKEN}`, {
    answers: { ...session, [`GET /lifts/${TOKEN}/ways`]: none },
  })
  assert.ok(phone.text().includes(hint))
  assert.ok(phone.control('用手机号核验'))
})

test('an invitation says who asks, what for and what signing means, then asks before it signs', async () => {
  const phone = await openJoint({}, { [`POST /purchases/${CASE_ID}/cosignatures`]: { cosigners: 3 } })
  assert.match(phone.text(), /业主 王\*\* 发起/)
  assert.match(phone.text(), /1栋1单元 1号梯/)
  assert.match(phone.text(), /联名不用您出钱/)
  await phone.tap('我要联名')
  assert.equal(wrote(phone, '/cosignatures').length, 0)
  const signed = { cosigners: 3, needed: 3, signed_at: '2025-03-03T09:00:00+08:00', can_sign: false, can_withdraw: true }
  phone.say({ [INVITED]: { ...invitation, signed, eligibility: 'signed', words: '您已经联名。' } })
  await phone.tap('联名', 'button')
  assert.equal(wrote(phone, '/cosignatures').length, 1)
  assert.match(phone.text(), /联名时间 3月3日 09:00/)
  assert.throws(() => phone.control('我要联名'))
})

test('a signature is taken back after being asked once, and can be given again', async () => {
  const signed = { cosigners: 3, needed: 3, signed_at: '2025-03-03T09:00:00+08:00', can_sign: false, can_withdraw: true }
  const phone = await openJoint(
    { signed, eligibility: 'signed', words: '您已经联名。' },
    { [`POST /purchases/${CASE_ID}/cosignature-withdrawal`]: { cosigners: 2 } },
  )
  await phone.tap('撤回联名')
  assert.match(phone.text(), /其他联名业主会知道少了一位/)
  await phone.tap('再想想')
  assert.equal(wrote(phone, '/cosignature-withdrawal').length, 0)
  await phone.tap('撤回联名')
  phone.say({ [INVITED]: invitation })
  await phone.tap('撤回', 'button')
  assert.equal(wrote(phone, '/cosignature-withdrawal').length, 1)
  assert.ok(phone.control('我要联名'))
  assert.throws(() => phone.control('撤回联名'))
})

test('once the application was handed in, no signature can be taken back', async () => {
  const signed = { cosigners: 3, needed: 3, signed_at: '2025-03-03T09:00:00+08:00', can_sign: false, can_withdraw: false }
  const phone = await openJoint({ signed, eligibility: 'signed', words: '您已经联名。' })
  assert.throws(() => phone.control('撤回联名'))
  const at_work = await openCase({ ...OWNERS, signed })
  assert.throws(() => at_work.control('撤回我的联名'))
})

test('the case leads to where the own signature is taken back', async () => {
  const phone = await openCase(OWNERS, { [INVITED]: invitation })
  await phone.tap('撤回我的联名')
  assert.equal(phone.path, `pages/joint/joint?case=${CASE_ID}`)
})

test('an invitation is sent on as a card that leads to it', async () => {
  const phone = await openJoint()
  await phone.tap('发给邻居')
  assert.match(phone.text(), new RegExp(`请您联名：给示例小区的电梯申请维修保险[\\s\\S]*pages/joint/joint\\?case=${CASE_ID}`))
})

test('an owner of another building reads why they cannot sign', async () => {
  const words = '您核验过的房屋是示例小区3栋1单元101，不在这件申请的范围（1栋1单元）里，所以不能联名。'
  const phone = await openJoint({ eligibility: 'elsewhere', words })
  assert.ok(phone.text().includes(words))
  assert.throws(() => phone.control('我要联名'))
})

test('owners hand in without a form: it is made of their signatures', async () => {
  const phone = await openCase(OWNERS, { [`POST /purchases/${CASE_ID}/application`]: drafted })
  assert.match(phone.text(), /不用打印、不用拍照/)
  await phone.tap('提交申请')
  assert.deepEqual(wrote(phone, '/application')[0].body, {})
})

test('before there are enough signatures the page says how many lack', async () => {
  const obstacles = ['须有3名以上相关业主联名，现有1名，请继续征集联名。']
  const phone = await openCase({
    ...OWNERS,
    signed: { ...OWNERS.signed, cosigners: 1 },
    doings: [doing('apply', '提交申请', obstacles), doing('cosign', '联名')],
  })
  assert.ok(phone.text().includes(obstacles[0]))
  assert.match(phone.text(), /已有 1 位业主联名，还差 2 位/)
  assert.ok(phone.control('发给邻居，请他们联名'))
})

test('a company hands in the photo of its sealed form', async () => {
  const phone = await openCase({}, {
    'POST /uploads': uploaded,
    [`POST /purchases/${CASE_ID}/application`]: drafted,
  })
  await phone.tap('提交申请')
  assert.match(phone.text(), /请拍下签字盖章的申请表/)
  await phone.tap('拍照或选照片')
  await phone.tap('同意')
  await phone.choose('form.jpg')
  await phone.tap('提交申请')
  assert.deepEqual(wrote(phone, '/application')[0].body, { form_sha256: SHA })
})

test('what was said of warranty and fee is there again after a return, and goes with it unless changed', async () => {
  for (const typed of ['', '质保已过']) {
    const phone = await openCase({ ...OWNERS, warranty_and_fee: '质保到6月' }, {
      [`POST /purchases/${CASE_ID}/application`]: drafted,
    })
    assert.equal(phone.field('质保和物业费').value, '质保到6月')
    if (typed) await phone.type('质保和物业费', typed)
    await phone.tap('提交申请')
    assert.deepEqual(wrote(phone, '/application')[0].body, { warranty_and_fee: typed || '质保到6月' })
  }
})

test('a draft is taken back with a reason, after being asked once', async () => {
  const insurers = { 'GET /insurers': apply['GET /insurers'] }
  const phone = await openCase({}, { ...insurers, [`POST /purchases/${CASE_ID}/withdrawal`]: drafted })
  await phone.tap('撤回这件申请')
  await phone.tap('撤回这件申请', 'button')
  assert.match(phone.text(), /请写明理由/)
  await phone.type('理由', '换一家')
  phone.say({ [PART]: { ...ownCase, is_closed: true, state_name: '已撤回', todos: [], doings: [] } })
  await phone.tap('撤回这件申请', 'button')
  await phone.tap('确定')
  assert.deepEqual(wrote(phone, '/withdrawal')[0].body, { reason: '换一家' })
  assert.match(phone.text(), /这件申请已经结束/)
})

test('a notice is drafted by one tap and leads on to its posters', async () => {
  const phone = await openCase({ todos: [todo], doings: [doing('draft_notice', '生成公示')] }, {
    [`POST /purchases/${CASE_ID}/notice`]: [201, { id: NOTICE_ID }],
    [`GET /notices/${NOTICE_ID}/posting`]: posting,
  })
  await phone.tap('生成公示')
  assert.equal(phone.path, `pages/posting/posting?notice=${NOTICE_ID}`)
})

test('a drafted notice is taken back with a reason, and is not offered before there is one', async () => {
  const doings = [doing('undo_draft_notice', '撤回待张贴的公示')]
  const before = await openCase({ todos: [{ ...todo, notice_id: null }], doings })
  assert.doesNotMatch(before.text(), /撤回待张贴的公示/)
  const phone = await openCase({ todos: [{ ...todo, notice_id: NOTICE_ID }], doings }, {
    'GET /insurers': apply['GET /insurers'],
    [`POST /purchases/${CASE_ID}/notice-reversal`]: drafted,
  })
  await phone.tap('撤回待张贴的公示')
  assert.match(phone.text(), /预留的保费和电梯放回，已印的海报作废/)
  await phone.type('理由', '业委会还要改一句话')
  await phone.tap('撤回待张贴的公示', 'button')
  await phone.tap('确定')
  assert.deepEqual(wrote(phone, '/notice-reversal')[0].body, { reason: '业委会还要改一句话' })
  assert.equal(phone.path, `pages/case/case?id=${CASE_ID}`)
})

test('every wait says who acts and until when, and a step without a page is named', async () => {
  const phone = await openCase({
    todos: [{ ...todo, mine: false, who: '保险机构', task: '保险机构查勘并拟方案' }],
    doings: [doing('paint_lift', '粉刷电梯')],
  })
  assert.match(phone.text(), /等保险机构办\n保险机构查勘并拟方案\n截至2025年3月5日（周三）24:00，还有2个工作日/)
  assert.match(phone.text(), /还可以：粉刷电梯。这里还不能办的，请打电话问中心。/)
})

test('photos that a notice lacks are named to whoever takes them, and to nobody else', async () => {
  const missing = ['1栋1单元公示结束远景']
  const waiting = await openCase({ todos: [{ ...todo, mine: false, who: '中心经办', missing }] })
  assert.doesNotMatch(waiting.text(), /还缺/)
  const taking = await openCase({ todos: [{ ...todo, missing }] })
  assert.match(taking.text(), /还缺：1栋1单元公示结束远景/)
})

test('the latest day for the next year is said first, and how it was counted when asked', async () => {
  const next_start = {
    on: '2025-12-01',
    words: '要让保障不中断，下一年度的申请最迟在2025年12月1日提出。',
    late: false,
    explanation: ['受理用满期限，到2025年12月8日24:00'],
  }
  const phone = await openCase({ next_start })
  assert.match(phone.text(), /最迟在2025年12月1日提出/)
  assert.doesNotMatch(phone.text(), /用满期限/)
  await phone.tap('这一天是怎么算的？')
  assert.match(phone.text(), /受理用满期限，到2025年12月8日24:00/)
  await phone.tap('收起说明')
  assert.doesNotMatch(phone.text(), /用满期限/)
})

test('what the case itself has set aside is told beside what the account can spend', async () => {
  assert.doesNotMatch((await openCase()).text(), /本件已预留/)
  assert.match((await openCase({ held_fen: 520000 })).text(), /账户可用10,000元\n本件已预留5,200元/)
})

test('a lift is taken out, and another insurer asked, each with a reason', async () => {
  const doings = [doing('drop_lift', '移出电梯'), doing('change_insurer', '更换保险机构')]
  const answers = {
    'GET /insurers': { items: [...apply['GET /insurers'].items, { id: NOTICE_ID, name: '另一家保险', selected: true, selected_until: null }] },
    [`POST /purchases/${CASE_ID}/lift-removal`]: drafted,
    [`POST /purchases/${CASE_ID}/insurer-change`]: drafted,
  }
  const phone = await openCase({ doings }, answers)
  await phone.tap('移出一台电梯')
  await phone.tap('1栋2单元', 'radio')
  await phone.type('理由', '查勘不过')
  await phone.tap('移出一台电梯', 'button')
  await phone.tap('确定')
  assert.deepEqual(wrote(phone, '/lift-removal')[0].body, { lift_id: LIFTS[1], reason: '查勘不过' })
  await phone.tap('换一家保险机构')
  assert.doesNotMatch(phone.text(), /示例财产保险|未入围保险/)
  await phone.tap('另一家保险', 'radio')
  await phone.type('理由', '不再入围')
  await phone.tap('换一家保险机构', 'button')
  await phone.tap('确定')
  assert.deepEqual(wrote(phone, '/insurer-change')[0].body, { insurer_id: NOTICE_ID, reason: '不再入围' })
})

const RECORD = { number: 'HT-1', premium_fen: 520000, signed_on: '2025-03-01' }
const CONTRACTED = {
  state_name: '已签合同',
  premium_fen: 520000,
  contract: RECORD,
  doings: [doing('add_invoice', '上传发票'), doing('request_payment', '申请拨付', ['缺少发票，请补充。'])],
}

test('what the payment lacks is said before it is asked for', async () => {
  const phone = await openCase(CONTRACTED)
  assert.match(phone.text(), /申请拨付前还要：\n缺少发票，请补充。/)
  assert.throws(() => phone.control('申请拨付', 'button'))
  assert.match(phone.text(), /HT-1，5,200元，2025年3月1日签订/)
})

const openPapers = (kind, changed = {}, answers = {}) =>
  openPage(`pages/papers/papers?case=${CASE_ID}&kind=${kind}`, {
    answers: {
      ...session,
      'POST /uploads': uploaded,
      [PART]: { ...ownCase, premium_fen: 520000, ...changed },
      ...answers,
    },
  })

async function photographed(phone) {
  await phone.tap('拍照或选照片')
  await phone.tap('同意')
  await phone.choose('paper.jpg')
}

test('a contract is copied from its paper; a sum unlike the plan is asked about once', async () => {
  const phone = await openPapers('contract', {}, { [`POST /purchases/${CASE_ID}/contract`]: drafted })
  await phone.tap('上传签好的合同')
  assert.match(phone.text(), /还有 4 处要改\n请填写合同编号。\n请填写合同保费/)
  await phone.type('合同编号', 'HT-1')
  await phone.type('合同保费', '520')
  await photographed(phone)
  await phone.tap('与合同一致', 'switch')
  await phone.tap('上传签好的合同')
  assert.match(phone.text(), /您填的是520元，方案的保费是5,200元/)
  await phone.tap('再想想')
  assert.equal(wrote(phone, '/contract').length, 0)
  await phone.type('合同保费', '5,200.00')
  await phone.tap('上传签好的合同')
  const { signed_on: signedOn, ...body } = wrote(phone, '/contract')[0].body
  assert.match(signedOn, /^\d{4}-\d\d-\d\d$/)
  assert.deepEqual(body, {
    number: 'HT-1',
    insurer_id: INSURER_ID,
    premium_fen: 520000,
    lift_codes: ownCase.lifts.map((lift) => lift.registration_code),
    file_sha256: SHA,
  })
  assert.equal(phone.path, `pages/case/case?id=${CASE_ID}`)
})

test('an amendment begins with what stands on record and asks why', async () => {
  const phone = await openPapers('amendment', { contract: RECORD })
  assert.equal(phone.query('[aria-label=合同编号]').value, 'HT-1')
  await phone.tap('更正合同')
  assert.match(phone.text(), /请写明为什么更正。/)
})

test('a refusal of the invoice is said at its field', async () => {
  const message = '该发票号码已用于其他案件，请核对或更换发票。'
  const refusal = [409, { errors: [{ code: 'invoice_reused', message, field: 'number' }] }]
  const phone = await openPapers('invoice', { contract: RECORD }, {
    [`POST /purchases/${CASE_ID}/invoices`]: refusal,
  })
  await phone.type('发票号码', 'FP-1')
  await phone.type('购买方名称', '示例花园全体业主')
  await phone.type('发票金额', '5200')
  await photographed(phone)
  await phone.tap('与发票一致', 'switch')
  await phone.tap('上传发票')
  assert.match(phone.text(), new RegExp(`还有 1 处要改\n${message}`))
})

test('an invoice says to whom it is made out, and a wrong buyer is said at its field', async () => {
  const message = '发票的购买方应是示例花园全体业主，请让保险机构重新开具；填错的，照发票改正。'
  const refusal = [422, { errors: [{ code: 'invoice_buyer_differs', message, field: 'buyer' }] }]
  const buyers = ['示例花园业主委员会', '示例花园全体业主']
  const phone = await openPapers('invoice', { contract: RECORD, invoice_buyers: buyers }, {
    [`POST /purchases/${CASE_ID}/invoices`]: refusal,
  })
  assert.match(phone.text(), /可以是：示例花园业主委员会、示例花园全体业主。/)
  await phone.type('发票号码', 'FP-1')
  await phone.type('发票金额', '5200')
  await photographed(phone)
  await phone.tap('与发票一致', 'switch')
  await phone.tap('上传发票')
  assert.match(phone.text(), /还有 1 处要改\n请填写发票上的购买方名称。/)
  await phone.type('购买方名称', '钱示安')
  await phone.tap('上传发票')
  assert.equal(wrote(phone, '/invoices')[0].body.buyer, '钱示安')
  assert.match(phone.text(), new RegExp(`还有 1 处要改\n${message}`))
})
