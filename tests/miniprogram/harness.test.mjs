// The harness itself: every built-in tag and wx call does here what it does in WeChat.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { bundle } from '../../miniprogram_web/build/bundle.mjs'
import { openPage } from '../../miniprogram_web/tester.mjs'

const made = []
after(() => made.forEach((folder) => rmSync(folder, { recursive: true })))

/** A mini-program of one page, or with more files. */
function project({ wxml = '<view/>', ts = 'Page({})', wxss = '', json = {}, ...files }) {
  const root = mkdtempSync(join(tmpdir(), 'mini-'))
  made.push(root)
  const all = {
    'app.json': JSON.stringify({ pages: ['pages/a/a', 'pages/b/b'] }),
    'app.ts': 'App({})',
    'pages/a/a.json': JSON.stringify({ navigationBarTitleText: '甲', ...json }),
    'pages/a/a.wxml': wxml,
    'pages/a/a.ts': ts,
    'pages/a/a.wxss': wxss,
    'pages/b/b.json': '{ "navigationBarTitleText": "乙" }',
    'pages/b/b.wxml': '<view>{{q}}</view>',
    'pages/b/b.ts': 'Page({ onLoad(query: any) { this.setData({ q: JSON.stringify(query) }) } })',
    ...files,
  }
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

/** A page that writes each event it gets into its text as `name=detail`. */
async function listening(wxml, data = {}, methods = '') {
  const ts = `Page({
    data: { heard: '', ...${JSON.stringify(data)} },
    hear(e: any) { this.setData({ heard: e.type + '=' + JSON.stringify(e.detail.value ?? e.detail) }) },
    ${methods}
  })`
  return openPage('pages/a/a', { root: project({ wxml: `${wxml}<view id="heard">{{heard}}</view>`, ts }) })
}

const lastLine = (phone) => phone.text().split('\n').at(-1)

const refuses = (files, words) => assert.rejects(bundle({ root: project(files) }), words)

test('a button is tapped by finger and by keyboard, and not while it is disabled', async () => {
  const phone = await listening(
    '<button bindtap="add" disabled="{{off}}">加</button><view>{{n}}</view>',
    { n: 0, off: false },
    'add() { this.setData({ n: this.data.n + 1, off: this.data.n === 1 }) },',
  )
  await phone.tap('加')
  const button = phone.control('加', 'button')
  button.dispatchEvent(new phone.window.KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
  await phone.settled()
  assert.equal(button.getAttribute('aria-disabled'), 'true')
  await phone.tap('加')
  assert.match(phone.text(), /2/)
})

test('one tap is one event, and catch stops it on its way', async () => {
  const phone = await listening(
    '<view bindtap="outer" role="button"><button bindtap="inner">内</button><button catchtap="inner">停</button></view><view>{{n}}/{{m}}</view>',
    { n: 0, m: 0 },
    'outer() { this.setData({ n: this.data.n + 1 }) }, inner() { this.setData({ m: this.data.m + 1 }) },',
  )
  await phone.tap('内', 'button').catch(() => phone.query('wx-button').click())
  await phone.settled()
  assert.match(phone.text(), /1\/1/)
  phone.document.querySelectorAll('wx-button')[1].click()
  await phone.settled()
  assert.match(phone.text(), /1\/2/)
})

test('fields tell what was typed, and a page can empty them again', async () => {
  const phone = await listening(
    '<input aria-label="名字" value="{{v}}" bindinput="typed"/><button bindtap="empty">清空</button>',
    { v: '' },
    'typed(e: any) { this.setData({ heard: e.detail.value }) }, empty() { this.setData({ v: "" }) },',
  )
  await phone.type('名字', '张三')
  assert.equal(lastLine(phone), '张三')
  await phone.tap('清空')
  assert.equal(phone.field('名字').value, '')
  assert.equal(phone.field('名字').maxLength, 140)
})

test('model binding goes both ways', async () => {
  const phone = await listening('<input aria-label="名字" model:value="{{v}}"/><view>{{v}}！</view>', { v: '李' })
  assert.equal(phone.field('名字').value, '李')
  await phone.type('名字', '王')
  assert.match(phone.text(), /王！/)
})

test('checkboxes, radios and switches answer as groups do', async () => {
  const phone = await listening(`
    <checkbox-group bindchange="hear"><label><checkbox value="a"/>甲</label><label><checkbox value="b" checked/>乙</label></checkbox-group>
    <radio-group bindchange="hear"><label><radio value="x"/>丙</label><label><radio value="y"/>丁</label></radio-group>
    <switch aria-label="开关" bindchange="hear"/>`)
  await phone.tap('甲', 'checkbox')
  assert.equal(lastLine(phone), 'change=["a","b"]')
  await phone.tap('丁', 'radio')
  assert.equal(lastLine(phone), 'change="y"')
  assert.equal(phone.control('丙').checked, false)
  await phone.tap('开关', 'switch')
  assert.equal(lastLine(phone), 'change=true')
})

test('a form collects its named fields', async () => {
  const phone = await listening(`
    <form bindsubmit="hear"><input name="one" aria-label="一"/><textarea name="two" aria-label="二"/>
    <switch name="three" aria-label="三" checked/><button form-type="submit">交</button></form>`)
  await phone.type('一', '1')
  await phone.type('二', '2')
  await phone.tap('交')
  assert.equal(lastLine(phone), 'submit={"one":"1","two":"2","three":true}')
})

test('a picker opens a labelled dialog', async () => {
  const phone = await listening(
    '<picker aria-label="类别" range="{{kinds}}" range-key="name" bindchange="hear"><view>选</view></picker>',
    { kinds: [{ name: '保费' }, { name: '保额' }] },
  )
  await phone.tap('类别')
  await phone.type('类别', '1')
  await phone.tap('确定')
  assert.equal(lastLine(phone), 'change="1"')
})

test('a canvas gives its node, and touches count from its corner', async () => {
  const phone = await listening(
    '<canvas type="2d" id="pad" aria-label="签名" bindtouchstart="down"/><button bindtap="keep">存</button>',
    {},
    `down(e: any) { this.setData({ heard: e.touches[0].x + ',' + e.touches[0].y }) },
     keep() {
       wx.createSelectorQuery().select('#pad').fields({ node: true, size: true }).exec(([found]: any) => {
         wx.canvasToTempFilePath({ canvas: found.node, success: ({ tempFilePath }: any) => this.setData({ heard: tempFilePath }) } as any)
       })
     },`,
  )
  await phone.draw('签名', [[3, 4], [9, 9]])
  assert.equal(lastLine(phone), '3,4')
  await phone.tap('存')
  assert.match(lastLine(phone), /^blob:/)
})

test('a component has its slot, its properties, its events and classes of its own', async () => {
  const root = project({
    wxml: '<c word="好" bind:done="hear"><view>里面</view></c><view>{{heard}}</view>',
    ts: 'Page({ hear(e: any) { this.setData({ heard: e.detail.word }) } })',
    json: { usingComponents: { c: '/parts/c' } },
    'parts/c.json': '{ "component": true }',
    'parts/c.wxml': '<view class="box">{{word}}</view><slot/><button bindtap="go">发</button>',
    'parts/c.wxss': ':host { color: red } .box { width: 100rpx }',
    'parts/c.ts': 'Component({ properties: { word: String }, methods: { go() { this.triggerEvent("done", { word: this.data.word + "了" }) } } })',
  })
  const phone = await openPage('pages/a/a', { root })
  assert.match(phone.text(), /好\n里面/)
  await phone.tap('发')
  assert.equal(lastLine(phone), '好了')
  const { 'mini.css': css } = await bundle({ root, minify: false })
  assert.match(css, /\[wx-host=parts-c\]|\[wx-host="parts-c"\]/)
  assert.match(css, /\.parts-c--box \{\s*width: calc\(100 \* var\(--rpx\)\)/)
})

test('pages stack up, and values of an address stay as they are written', async () => {
  const phone = await listening('<navigator url="/pages/b/b?q=a%20b%2525&x=1=2">去</navigator>')
  await phone.tap('去')
  assert.equal(phone.title, '乙')
  assert.equal(phone.text(), '{"q":"a%20b%2525","x":"1=2"}')
  await phone.tap('返回')
  assert.equal(phone.path, 'pages/a/a')
})

test('a page outside the list, another host and a failing handler are told aloud', async () => {
  const press = async (body) => {
    const phone = await listening('<button bindtap="go">走</button>', {}, `go() { ${body} },`)
    return phone.tap('走')
  }
  await assert.rejects(
    press('wx.navigateTo({ url: "/pages/c/c", fail: ({ errMsg }: any) => { throw new Error(errMsg) } })'),
    /page "pages\/c\/c" is not found/,
  )
  await assert.rejects(press('throw new Error("哎呀")'), /哎呀/)
  await assert.rejects(press('(wx as any)["vibrate" + "Short"]()'), /not a function/)
  const phone = await listening(
    '<button bindtap="go">走</button>',
    {},
    'go() { wx.request({ url: "https://elsewhere.example/x", fail: ({ errMsg }: any) => this.setData({ heard: errMsg }) }) },',
  )
  await phone.tap('走')
  assert.match(lastLine(phone), /request:fail url not in domain list/)
})

test('without a network a request fails and the page hears of it', async () => {
  const phone = await listening(
    '<button bindtap="go">走</button>',
    {},
    `onLoad() { wx.onNetworkStatusChange(({ networkType }: any) => this.setData({ heard: networkType })) },
     go() { wx.request({ url: '/api/v1/x', fail: () => this.setData({ heard: '没网' }) }) },`,
  )
  await phone.connect(false)
  assert.equal(lastLine(phone), 'none')
  await phone.tap('走')
  assert.equal(lastLine(phone), '没网')
})

test('storage belongs to one person', async () => {
  const root = project({
    wxml: '<view>{{kept}}</view>',
    ts: 'Page({ onLoad() { this.setData({ kept: wx.getStorageSync("k").word || "空" }) } })',
  })
  const stored = { k: { word: '记得' } }
  assert.equal((await openPage('pages/a/a', { root, stored })).text(), '记得')
  assert.equal((await openPage('pages/a/a', { root })).text(), '空')
})

test('a phone number is given after privacy and consent, and can be refused', async () => {
  const wxml = '<button open-type="getPhoneNumber" bindgetphonenumber="hear">手机号</button>'
  const phone = await listening(wxml)
  await phone.tap('手机号')
  await phone.tap('同意')
  await phone.tap('允许', 'button').catch(() => phone.query('.primary').click())
  await phone.settled()
  assert.match(lastLine(phone), /"code":"phone-code"/)
  await phone.tap('手机号')
  await phone.tap('不允许')
  assert.match(lastLine(phone), /fail user deny/)
})

test('subscribing asks by title, once per tap, and tells the platform', async () => {
  const answers = {
    'GET /sandbox/templates': { subscribe_templates: [{ template_id: 't1', title: '异议答复' }] },
    'POST /sandbox/people/王芳/popup': ({ body }) => {
      assert.deepEqual(body, { answers: { t1: 'accept' } })
      return {}
    },
  }
  const ts = `Page({ data: { heard: '' }, go() { wx.requestSubscribeMessage({ tmplIds: ['t1'], success: (r: any) => this.setData({ heard: r.t1 }) }) } })`
  const root = project({ wxml: '<button bindtap="go">订阅</button><view>{{heard}}</view>', ts })
  const phone = await openPage('pages/a/a', { root, answers })
  await phone.tap('订阅')
  assert.match(phone.text(), /异议答复/)
  await phone.tap('允许')
  assert.equal(lastLine(phone), 'accept')
})

test('a chosen photo goes out as a real multipart form', async () => {
  const phone = await listening(
    '<button bindtap="go">拍照</button>',
    {},
    `async go() {
       const { tempFiles } = await wx.chooseMedia({ count: 1, mediaType: ['image'] }) as any
       wx.uploadFile({ url: '/api/v1/uploads', filePath: tempFiles[0].tempFilePath, name: 'file',
         success: ({ data, statusCode }: any) => this.setData({ heard: statusCode + data }) })
     },`,
  )
  phone.say({ 'POST /uploads': [201, { sha256: 'f00' }] })
  await phone.tap('拍照')
  await phone.tap('同意')
  await phone.choose('lift.jpg')
  assert.equal(lastLine(phone), '201{"sha256":"f00"}')
  assert.equal(phone.requests.at(-1).body.get('file').name, 'lift.jpg')
})

test('the build refuses what WeChat or a screen reader would not understand', async () => {
  await refuses({ wxml: '<web-view/>' }, /pages\/a\/a\.wxml:1: <web-view> is neither/)
  await refuses({ wxml: '<view>\n<text></view>' }, /wxml:2: <\/view> closes nothing/)
  await refuses({ wxml: '<view>' }, /<view> is not closed/)
  await refuses({ wxml: '<view a="{{b +}}"/>' }, /pages\/a\/a\.wxml:1/)
  await refuses({ wxml: '<view bindtap="go"/>' }, /needs aria-role/)
  await refuses({ ts: 'wx.vibrateShort()\nPage({})' }, /wx\.vibrateShort is not shimmed/)
  await refuses({ wxss: 'section { color: red }' }, /<section> in the selector/)
  await refuses({ json: { usingComponents: { c: '/no/c' } } }, /no\/c\.json: there is no such file/)
})
