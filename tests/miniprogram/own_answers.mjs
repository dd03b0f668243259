// What the service says on the pages for owners, committee members and the property manager.

export const NOTICE_ID = '0195a000-0000-7000-8000-000000000001'
export const OBJECTION_ID = '0195a000-0000-7000-8000-000000000002'
export const PLAN_ID = '0195a000-0000-7000-8000-000000000003'
export const CASE_ID = '0195a000-0000-7000-8000-000000000004'
export const ESTATE_ID = '0195a000-0000-7000-8000-000000000005'
export const ACCOUNT_ID = '0195a000-0000-7000-8000-000000000006'
export const INSURER_ID = '0195a000-0000-7000-8000-000000000007'
export const LIFTS = ['0195a000-0000-7000-8000-000000000008', '0195a000-0000-7000-8000-000000000009']
export const UNITS = ['0195a000-0000-7000-8000-00000000000a', '0195a000-0000-7000-8000-00000000000b']
export const TOKEN = '0123456789abcdefghjkmnpqrs'
export const SHA = 'a'.repeat(64)

export const session = {
  'POST /sessions': [
    201,
    { token: 't', person_id: NOTICE_ID, expires_at: '2025-03-10T09:00:00+08:00' },
  ],
}

export const city = {
  city: '吉首市',
  centre: { name: '吉首市住房保障服务中心', phone: '0743-8532500' },
  emergency: { phone: '119', text: '不要扒门。', source: null },
  objection_kinds: [
    { key: 'price', name: '保费或保额', help: '写明您认为合适的保费、保额和理由。' },
    { key: 'insurer', name: '保险机构', help: '写明对保险机构的哪一点有疑问。' },
    { key: 'need', name: '没有必要投保', help: '写明为什么不需要投保，例如电梯仍在质保期内。' },
    { key: 'procedure', name: '办理程序', help: '写明哪一步不合规定。' },
    { key: 'lift', name: '电梯信息', help: '写明哪台电梯的哪项信息有误，最好附上照片。' },
    { key: 'other', name: '其他', help: '写明您反对的内容和理由。' },
  ],
  objection_max_characters: 2500,
  objection_channels: ['mini_program', 'paper'],
  about: ['扫电梯里的二维码，就能看到这台电梯有没有维修保险。'],
  photo_hint: '拍清楚要说明的地方就好，不要拍到人脸、门牌号和车牌。',
  privacy: { title: '我们怎样对待您的个人信息', paragraphs: ['看电梯和公示不用登录。'] },
  subscriptions: [
    {
      key: 'objection_answered',
      template_id: 'tmpl-answer',
      title: '异议答复',
      why: '中心答复您的异议后，发一条消息。',
    },
    {
      key: 'notice_ending',
      template_id: 'tmpl-ending',
      title: '公示将满',
      why: '关注的公示结束前，提醒一次。',
    },
    {
      key: 'cover_changed',
      template_id: 'tmpl-cover',
      title: '保障变化',
      why: '电梯保障开始或到期时，发一条消息。',
    },
  ],
}

export const notice = {
  id: NOTICE_ID,
  number: 'GS-20250303-0001',
  state: 'open',
  state_name: '公示中',
  starts_on: '2025-03-03',
  ends_on: '2025-03-10',
  ends_before: '2025-03-11T00:00:00+08:00',
  open_to_objections: true,
  how_long: '受影响的业主可在2025年3月10日（周一）24:00之前提出书面异议。',
  provisional: false,
  explanation: [{ text: '公示7日，开始当日不计入。', article: '民法典201' }],
  objections: [],
  estate: '示例小区',
  content: { title: '示例小区 1 栋电梯维修保险方案公示' },
  photos: [],
  objection_counts: { total: 0, open: 0 },
  centre: city.centre,
}

const places = ['1单元', '2单元'].map((unit) => ({
  estate_code: 'E1',
  estate: '示例小区',
  building: '1栋',
  unit,
}))

export const part = (eligibility = 'affected', filed = null) => ({
  notice_id: NOTICE_ID,
  number: notice.number,
  eligibility,
  words: {
    affected: '您是本次公示范围内经核验的业主，可以提出书面异议。',
    waiting: '您的业主核验正在办理。现在就可以提出异议，中心核实身份后即生效力。',
    unknown: '还没有核验到您在本次公示范围内的房屋。',
  }[eligibility],
  effect:
    eligibility === 'affected'
      ? '这次投保立即暂缓，处理完才继续。'
      : '中心先核实您的身份；属实的，这次投保暂缓。',
  channels: ['mini_program', 'paper'],
  homes: eligibility === 'affected' ? ['示例小区1栋1单元101'] : [],
  places,
  filed,
})

export const objection = {
  id: OBJECTION_ID,
  number: 'YY-20250303-0001',
  notice_number: notice.number,
  notice_id: NOTICE_ID,
  kind: 'price',
  kind_name: '保费或保额',
  status: 'verified',
  status_name: '有效，暂缓实施',
  next: '异议有效：案件仍在公示环节的，自收到起暂缓实施，公示时间停止计算。',
  answer: null,
  text: '保费比去年高三成，希望公布三家机构的报价。\n另外请说明为什么没有免赔额。',
  received_at: '2025-03-03T09:30:00+08:00',
  answered_at: null,
  publication: 'private',
  publication_name: '原文不公布',
  publication_reason: null,
  published_text: null,
  photos: [SHA],
  can_withdraw: true,
  receipt_url: `/api/v1/objections/${OBJECTION_ID}/receipt`,
}

export const filed = {
  id: OBJECTION_ID,
  number: objection.number,
  status: 'verified',
  message: '异议有效：案件仍在公示环节的，自收到起暂缓实施，公示时间停止计算。',
  publication: 'private',
  publication_reason: null,
  receipt_url: objection.receipt_url,
}

export const me = {
  person_id: NOTICE_ID,
  reachable: true,
  grants: [],
  homes: [
    {
      owner_id: NOTICE_ID,
      estate_id: ESTATE_ID,
      estate: '示例小区',
      building: '1栋',
      unit: '1单元',
      room: '101',
    },
  ],
  seats: [],
  phone_masked: '138****8000',
  phone_verified: true,
  name_masked: '王*',
}

export const joint = {
  purchase_id: CASE_ID,
  number: 'TB-20250303-0001',
  estate: '示例小区',
  account: '示例小区1栋统筹账户',
  state: 'drafted',
  state_name: '申请准备中',
  signed: { cosigners: 2, needed: 3, signed_at: null, can_sign: true, can_withdraw: false },
}

export const answered = {
  plan_id: PLAN_ID,
  number: 'TB-20250303-0002',
  estate: '示例小区',
  revision: 1,
  answer: 'refuse',
  answer_name: '不同意',
  reason: '保费偏高',
  answered_at: '2025-03-02T10:00:00+08:00',
  medium: '微信对话',
  state_name: '方案待审议',
  counts: false,
}

export const subscriptions = {
  templates: city.subscriptions.map((template, index) => ({ ...template, quota: index === 0 ? 2 : 0 })),
  follows: [{ kind: 'notice', id: NOTICE_ID, title: `公示 ${notice.number}` }],
}

/** Somebody with a home and nothing else; tests change what they are about. */
export const mine = {
  ...session,
  'GET /public/city': city,
  'GET /me': me,
  'GET /owner-verifications/mine': { items: [] },
  'GET /cosignatures/mine': { items: [] },
  'GET /objections/mine': { items: [] },
  'GET /plans/answered': { items: [] },
  'GET /me/subscriptions': { ...subscriptions, follows: [] },
  'GET /todos/mine': { items: [], estates: [] },
}

export const plan = {
  plan_id: PLAN_ID,
  purchase_id: CASE_ID,
  number: 'TB-20250303-0001',
  estate: '示例小区',
  revision: 2,
  lifts: [
    {
      registration_code: '311043310020240001',
      name: '1号梯',
      place: '1栋1单元',
      premium_fen: 120000,
    },
    {
      registration_code: '311043310020240002',
      name: '1号梯',
      place: '1栋2单元',
      premium_fen: 120000,
    },
  ],
  account: '示例小区1栋统筹账户',
  available_fen: 1000000,
  premium_fen: 240000,
  insurer: '示例财产保险股份有限公司湘西中心支公司',
  terms: {
    sum_insured_fen: 15000000,
    deductible_fen: 0,
    cover_from: '2025-04-01',
    cover_last_day: '2026-03-31',
    cover_ends_before: '2026-04-01',
    scope_of_cover: '曳引机、控制柜、门机等部件损坏的维修和更换；困人救援的合理费用',
    exclusions: '人为损坏；装修运料造成的损坏；日常保养和易耗件',
    service_commitments: '30分钟内到场；24小时内修复或说明原因；每季度巡检一次',
  },
  due: '2025-03-06T00:00:00+08:00',
  due_words: '请在2025年3月5日（周三）24:00前答复。',
  my_answer: null,
  tally: { approve: 1, refuse: 0, members: 5, needed: 3 },
  changes: [
    { field: 'premium_fen', label: '保费合计', before: '2,600元', after: '2,400元' },
    {
      field: 'service_commitments',
      label: '服务承诺',
      before: '60分钟内到场',
      after: '30分钟内到场；24小时内修复或说明原因；每季度巡检一次',
    },
  ],
  content_hash: 'c0ffee'.repeat(10) + 'abcd',
}

export const committee = {
  ...session,
  'GET /me': { ...me, seats: [{ member_id: PLAN_ID, estate_id: ESTATE_ID, estate: '示例小区', position: '主任' }] },
  'GET /plans/waiting': { items: [plan] },
  'GET /plans/answered': { items: [answered] },
}

export const vote = {
  id: PLAN_ID,
  number: 'TB-20250303-0001',
  estate: '示例小区',
  premium_fen: 240000,
  insurer: '示例保险',
  terms: plan.terms,
  closes_at: '2025-03-19T00:00:00+08:00',
  words: '2025年3月18日（周二）24:00截止',
  is_open: true,
  flats: ['示例小区1栋1单元101'],
  silent: ['示例小区1栋1单元101'],
  choice: null,
  choice_name: null,
  on_paper: false,
  outcome: null,
  sentences: [],
}

export const voting = {
  ...session,
  'GET /me': me,
  'GET /votes/mine': { items: [vote] },
}

const account = {
  id: ACCOUNT_ID,
  number: 'P1',
  name: '示例小区1栋统筹账户',
  building: '1栋',
  unit: null,
  available_fen: 1000000,
}

export const todo = {
  purchase_id: CASE_ID,
  number: 'TB-20250303-0001',
  estate: '示例小区',
  area: '1栋 · 2台',
  state: 'approved',
  state_name: '审议通过',
  task: '张贴公示并上传照片',
  advice: '这一步由别人办理，您不用操作；快到期还没有办好，请催一催。',
  mine: true,
  who: '您',
  notice_id: null,
  notice_number: null,
  missing: [],
  why: '',
  due: '2025-03-06T00:00:00+08:00',
  due_words: '截至2025年3月5日（周三）24:00',
  left_words: '还有2个工作日',
  overdue: false,
  actions: ['post_notice', 'withdraw'],
}

export const estate = {
  estate_id: ESTATE_ID,
  name: '示例小区',
  mandate_until: '2025-12-31',
  mandate_words: '业主委员会的委托有效至2025年12月31日（周三）24:00。',
  accounts: [account],
}

export const manager = {
  ...session,
  'GET /me': {
    ...me,
    grants: [
      { role: 'property_manager', role_name: '物业', scope_kind: 'estate', scope_id: ESTATE_ID },
    ],
  },
  'GET /todos/mine': {
    items: [
      {
        ...todo,
        number: 'TB-20250301-0009',
        state: 'posted',
        state_name: '公示中',
        task: '公示期满拍照并核对结果',
        notice_id: NOTICE_ID,
        notice_number: notice.number,
        missing: ['1栋1单元结束远景', '1栋1单元结束近景'],
        left_words: '今天到期，请尽快办理',
        due_words: '截至2025年3月3日（周一）24:00',
      },
      { ...todo, overdue: true, left_words: '已逾期1个工作日，请立即办理' },
      {
        ...todo,
        number: 'TB-20250228-0003',
        state: 'contracted',
        state_name: '已签合同',
        task: '备齐资料申请拨付',
        actions: ['request_payment'],
      },
      {
        ...todo,
        mine: false,
        due: null,
        due_words: '',
        left_words: '',
        number: 'TB-20250301-0002',
        state: 'applied',
        state_name: '已申请',
        task: '中心受理并查询资金',
        actions: [],
      },
    ],
    estates: [estate],
    unattended: [],
    successions: [],
    payee_changes: [],
    paper_entries: [],
  },
}

const lift = (id, unit, covered_until) => ({
  id,
  registration_code: `31104331002024000${unit}`,
  name: '1号梯',
  building: '1栋',
  unit: `${unit}单元`,
  unit_id: UNITS[0],
  building_id: UNITS[1],
  covered_until,
  open_case: null,
  token: null,
})

export const apply = {
  ...session,
  [`GET /estates/${ESTATE_ID}/ways`]: {
    estate_id: ESTATE_ID,
    estate: '示例小区',
    lift_id: null,
    place: null,
    ways: [
      {
        route: 'R1',
        applicant: 'property_company',
        name: '物业服务企业',
        words: '业主委员会的委托有效至2025年12月31日（周三）24:00，申请表盖物业的章。',
        accounts: [account],
        lift_ids: [],
      },
    ],
    hint: '',
  },
  [`GET /estates/${ESTATE_ID}/lifts`]: {
    items: [lift(LIFTS[0], 1, null), lift(LIFTS[1], 2, '2025-06-30')],
  },
  [`GET /estates/${ESTATE_ID}/forecast`]: {
    accounts: [{ account_id: account.id, words: '可用10,000元，2台一年保费约4,000元；现在够付第一年。' }],
  },
  'GET /insurers': {
    items: [
      { id: INSURER_ID, name: '示例财产保险', selected: true, selected_until: '2026-12-01' },
      { id: ESTATE_ID, name: '未入围保险', selected: false, selected_until: null },
    ],
  },
}

export const drafted = {
  id: CASE_ID,
  number: 'TB-20250303-0005',
  state: 'drafted',
  state_name: '申请准备中',
  version: 1,
}

const caseLift = (id, unit) => ({
  id,
  registration_code: `3110000000000000000${unit}`,
  name: '1号梯',
  building: '1栋',
  unit: `${unit}单元`,
  unit_id: UNITS[unit - 1],
  survey: null,
  findings: null,
  premium_fen: null,
})

export const doing = (action, name, obstacles = []) => ({
  action,
  name,
  needs_reason: action === 'withdraw',
  obstacles,
})

/** A case as those who applied for it read it. */
export const ownCase = {
  purchase_id: CASE_ID,
  number: drafted.number,
  estate_id: ESTATE_ID,
  estate: '示例小区',
  state_name: '申请准备中',
  is_closed: false,
  version: 1,
  applicant: 'property_company',
  applicant_name: '物业服务企业',
  is_mine: true,
  form_made_here: false,
  account: '示例小区1栋统筹账户',
  account_number: 'P1',
  available_fen: 1000000,
  held_fen: 0,
  insurer_id: INSURER_ID,
  insurer: '示例财产保险',
  lifts: [caseLift(LIFTS[0], 1), caseLift(LIFTS[1], 2)],
  premium_fen: null,
  deposit_fen: null,
  signed: null,
  todos: [{ ...todo, task: '备好申请表或联名，提交申请', due: null, due_words: '', left_words: '' }],
  doings: [doing('apply', '提交申请'), doing('withdraw', '撤回申请')],
  contract: null,
  invoice: null,
  invoice_buyers: [],
  warranty_and_fee: null,
  next_start: null,
  happened: [
    { at: '2025-03-03T08:00:00+08:00', name: '开始申请', state_name: '申请准备中', reason: null },
  ],
}

export const invitation = {
  purchase_id: CASE_ID,
  number: drafted.number,
  estate: '示例小区',
  state_name: '申请准备中',
  initiator: '王**',
  insurer: '示例财产保险',
  account: '示例小区1栋统筹账户',
  lifts: ownCase.lifts,
  signed: { cosigners: 2, needed: 3, signed_at: null, can_sign: true, can_withdraw: false },
  eligibility: 'may_sign',
  words: '您是这件申请范围内经核验的业主，可以联名。',
  places: [{ estate_code: 'E1', estate: '示例小区', building: '1栋', unit: '1单元' }],
  afterwards: '联名不用您出钱，也不是同意某个价格。方案要公示，到时您仍然可以提异议。',
}

const nothing = { wide: null, close: null }
export const taken = { sha256: SHA, captured_at: '2025-03-03T08:40:00+08:00' }

export const posting = {
  notice: {
    id: NOTICE_ID,
    number: notice.number,
    purchase_id: CASE_ID,
    state: 'posting',
    starts_on: null,
    ends_on: null,
    ends_before: null,
    how_long: '全部地点的开始照片到齐后，公示开始，为期7日。',
  },
  posters: [
    { sha256: 'b'.repeat(64), kind: 'lobby_notice', paper: 'A4', made_at: '2025-03-03T08:00:00+08:00', unit_id: UNITS[0] },
  ],
  places: [
    { unit_id: UNITS[0], name: '1栋1单元', start: { wide: taken, close: null }, end: nothing },
    { unit_id: UNITS[1], name: '1栋2单元', start: nothing, end: nothing },
  ],
  framings: ['wide', 'close'],
  hint: '每处拍一张远景、一张近景。不要拍到人脸和门牌号。',
}

export const uploaded = [
  201,
  { sha256: SHA, media_type: 'image/jpeg', size_bytes: 9, width: 4, height: 3, taken_at: null, has_place: false },
]

export const data = {
  ...session,
  'GET /me/data': {
    sections: [
      { title: '身份', items: [{ label: '姓名', value: '王*' }, { label: '手机号', value: '138****8000' }] },
      { title: '房屋', items: [{ label: '示例小区', value: '1栋1单元101，已核验' }] },
      { title: '订阅', items: [] },
    ],
  },
}
