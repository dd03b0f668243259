// The notice page: the frozen plan in full, and what was objected.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage } from './phones.mjs'
import * as say from './public_answers.mjs'

const PAGE = `pages/notice/notice?number=${say.NUMBER}&lift=${say.TOKEN}`
const open = (notice, options = {}) => openPage(PAGE, { answers: { [say.NOTICE]: notice }, ...options })

test('a notice carries everything the plans ask for', async () => {
  const text = (await open(say.wholeNotice)).text()
  for (const words of [
    '示例小区电梯维修保险方案公示',
    '311043310020240001',
    '示例路1号',
    '已用 12 年',
    '增值收益统筹账户',
    'P1',
    '10,000元',
    '2,400元',
    '7,600元',
    '约占 24%',
    '由本市选定',
    '服务能力',
    '曳引机',
    '人为损坏',
    '150,000元',
    '500元',
    '2025年4月1日0:00至2026年3月31日24:00',
    '每季度巡检',
    '2025年3月3日 — 2025年3月10日24:00',
    '受影响的业主可提交书面意见。',
    '不公布姓名、房号和电话。',
    '0743-8532500',
  ]) {
    assert.ok(text.includes(words), words)
  }
})

test('objections show number, kind, status and answer, and the words only if published', async () => {
  const text = (await open(say.wholeNotice)).text()
  assert.match(text, /共 2 件，其中 1 件在处理。/)
  assert.match(text, /编号 YY-1\n请公开三家报价。\n答复\n报价已附在公示后。/)
  assert.match(text, /没有必要投保[\s\S]*编号 YY-2\n还没有答复/)
})

test('photos have words and a time, and a place without photos says so', async () => {
  const phone = await open(say.wholeNotice)
  assert.match(phone.text(), /1栋1单元张贴的公示，开始时的远景照片开始时远景\n3月3日 08:12/)
  assert.match(phone.text(), /1栋2单元\n还没有照片/)
})

test('long lists are folded, and the contents say how much there is', async () => {
  const lifts = Array.from({ length: 20 }, (_, n) => ({
    ...say.wholeNotice.content.lifts[0],
    registration_code: `C${n}`,
    address: `第${n}梯的地址`,
  }))
  const content = { ...say.wholeNotice.content, lifts }
  const phone = await open({ ...say.wholeNotice, content })
  assert.match(phone.text(), /电梯 20 台/)
  assert.doesNotMatch(phone.text(), /第7梯的地址/)
  await phone.tap('看全部 20 台')
  assert.match(phone.text(), /第7梯的地址/)
  await phone.tap('怎么提异议')
})

test('while a notice is open the way to object stays at hand', async () => {
  const phone = await open(say.wholeNotice)
  phone.control('我不同意，提异议')
  const ended = await open({ ...say.wholeNotice, open_to_objections: false })
  assert.throws(() => ended.control('我不同意，提异议'), /nothing is called/)
})

test('a provisional end is said to be one', async () => {
  const text = (await open({ ...say.wholeNotice, provisional: true })).text()
  assert.match(text, /截止时间可能推后/)
})

test('a notice that does not exist leads home and offers no useless second try', async () => {
  const phone = await open(say.missing)
  assert.match(phone.text(), /没有找到公示。/)
  assert.throws(() => phone.control('再试一次'), /nothing is called/)
  await phone.tap('回到首页')
  assert.match(phone.text(), /扫一扫电梯里的二维码/)
})

test('a number that cannot be one asks the service for nothing strange', async () => {
  const phone = await openPage('pages/notice/notice?number=../me')
  assert.deepEqual(
    phone.requests.map(({ path }) => path),
    ['/api/v1/public/notices/-'],
  )
})

test('without a network the notice seen last is shown with its time', async () => {
  const at = '2025-03-03T08:30:00+08:00'
  const stored = { [`seen:/public/notices/${say.NUMBER}`]: { value: say.wholeNotice, at } }
  const phone = await open([503, {}], { stored })
  assert.match(phone.text(), /3月3日 08:30 看到的内容/)
  assert.match(phone.text(), /示例小区电梯维修保险方案公示/)
})

test('in the place of a photo stands that it was taken down and why', async () => {
  const photos_taken_down = ['1栋1单元公示开始时的远景照片已撤下（拍到了人脸）']
  const phone = await open({ ...say.wholeNotice, photos: [], photos_taken_down })
  assert.match(phone.text(), /远景照片已撤下（拍到了人脸）/)
})

test('nobody is promised news of a notice that is over', async () => {
  const running = await open(say.wholeNotice)
  assert.match(running.text(), /截止前一天，用微信通知您。/)
  const over = await open({ ...say.wholeNotice, state: 'ended', open_to_objections: false })
  assert.doesNotMatch(over.text(), /通知您|通知我/)
})
