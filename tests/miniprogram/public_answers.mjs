// What everyone may see, as the service tells it: one lift, its notice, the city.

export const TOKEN = '0123456789abcdefghjkmnpqrs'
export const LIFT = `GET /public/lifts/${TOKEN}`
export const NUMBER = 'GS-20250303-0001'
export const NOTICE = `GET /public/notices/${NUMBER}`
const NOTICE_ID = '0195a000-0000-7000-8000-000000000001'

export const centre = { name: '吉首市住房保障服务中心', phone: '0743-8532500' }
const emergency = { phone: '96333', text: '按报警按钮，靠墙站稳。', source: '本市应急处置平台' }
const words = '保什么：曳引机、门机的维修和更换。'

export const notice = {
  id: NOTICE_ID,
  number: NUMBER,
  state: 'open',
  state_name: '公示中',
  starts_on: '2025-03-03',
  ends_on: '2025-03-10',
  ends_before: '2025-03-11T00:00:00+08:00',
  open_to_objections: true,
  how_long: '受影响的业主可在2025年3月10日（周一）24:00之前提出书面异议。',
  provisional: false,
  explanation: [{ text: '公示7日，张贴当日不计入。', article: '民法典201' }],
  objections: [
    {
      number: 'YY-1',
      kind: 'price',
      kind_name: '保费或保额',
      status: 'verified',
      status_name: '已核实',
      answer: '报价已附在公示后。',
      text: '请公开三家报价。',
    },
    {
      number: 'YY-2',
      kind: 'need',
      kind_name: '没有必要投保',
      status: 'received',
      status_name: '待核实',
      answer: null,
      text: null,
    },
  ],
}

const plan = {
  insurer: '示例财产保险',
  premium_fen: 240000,
  lift_premium_fen: 120000,
  terms: {
    sum_insured_fen: 15000000,
    deductible_fen: 0,
    cover_from: '2025-04-01',
    cover_last_day: '2026-03-31',
    cover_ends_before: '2026-04-01',
    scope_of_cover: '曳引机；门机',
    exclusions: '人为损坏',
    service_commitments: '30分钟内到场',
  },
}

const bare = {
  lift: {
    registration_code: '311043310020240001',
    name: '1号梯',
    estate: '示例小区',
    address: '示例路1号',
    building: '1栋',
    unit: '1单元',
    installed_on: '2012-05-16',
    maintainer: '安达维保',
    maintainer_phone: '0743-0000012',
    next_inspection_on: '2025-06-30',
  },
  covered: false,
  headline: '这台电梯目前没有维修保险。',
  payer: '修理费由业主出，或用维修资金。',
  object_by: null,
  meaning: '维修费用仍由业主承担。',
  cover: null,
  upcoming: null,
  emergency,
  notices: [],
  funding: null,
  history: [],
  centre,
}

export const uninsured = {
  ...bare,
  funding: {
    who_may_apply: ['业主委员会', '3名以上业主联名'],
    how: '向中心提出申请。',
    enough: false,
    text: '账户可用1,300元，还差700元。',
    source: '按同类电梯估算',
  },
}

export const insured = {
  ...bare,
  covered: true,
  headline: '这台电梯已投保，保到2025年12月31日24:00。',
  payer: '保障范围内的修理费，由示例财产保险出。',
  meaning: '保障范围内的故障，由示例财产保险负责。',
  cover: {
    insurer: '示例财产保险',
    insurer_phone: '0743-0000021',
    starts_on: '2025-01-01',
    last_day: '2025-12-31',
    policy_number: 'PZHX20250001',
    terms: {
      sum_insured_fen: 15000000,
      deductible_fen: 0,
      cover_from: '2025-01-01',
      cover_last_day: '2025-12-31',
      cover_ends_before: '2026-01-01',
      scope_of_cover: '曳引机',
      exclusions: '人为损坏',
      service_commitments: '30分钟内到场',
    },
    words: [words, '每次都不用自付。'],
  },
  history: [
    {
      kind: 'notice',
      title: '投保方案公示',
      starts_on: '2024-12-01',
      last_day: '2024-12-08',
      text: '已投保。',
      number: NUMBER,
    },
  ],
}

export const upcoming = {
  ...bare,
  headline: '这台电梯的保险从2025年4月1日开始。',
  upcoming: { insurer: '示例财产保险', starts_on: '2025-04-01', last_day: '2026-03-31' },
}

export const posted = {
  ...bare,
  object_by: '可提异议，截止2025年3月10日（周一）24:00。',
  notices: [{ ...notice, plan }],
}

const photo = (framing, name) => ({
  place: '1栋1单元',
  moment: 'start',
  framing,
  captured_at: '2025-03-03T08:12:00+08:00',
  words: `1栋1单元张贴的公示，开始时的${name}照片`,
  url: `/api/v1/public/notices/${NUMBER}/photos/${framing}`,
})

export const wholeNotice = {
  ...notice,
  estate: '示例小区',
  photos: [photo('wide', '远景'), photo('close', '近景')],
  photos_taken_down: [],
  objection_counts: { total: 2, open: 1 },
  centre,
  content: {
    title: '示例小区电梯维修保险方案公示',
    purchase: 'TB-1',
    estate: { name: '示例小区', address: '示例路1号' },
    places: ['1栋1单元', '1栋2单元'],
    lifts: [
      {
        registration_code: '311043310020240001',
        address: '1栋1单元1号梯',
        installed_on: '2012-05-16',
        age_years: 12,
        premium_fen: 120000,
      },
    ],
    route: '增值收益统筹账户',
    account: {
      name: '1栋统筹账户',
      number: 'P1',
      available_fen: 1000000,
      used_fen: 240000,
      left_fen: 760000,
      text: '',
    },
    insurer: { name: '示例财产保险', phone: '0743-0000021', chosen: '由本市选定', criteria: ['服务能力'] },
    cover: {
      text: '2025年4月1日0:00至2026年3月31日24:00',
      scope_of_cover: '曳引机；门机',
      exclusions: '人为损坏',
      sum_insured_fen: 15000000,
      deductible_fen: 50000,
      service_commitments: '30分钟内到场；每季度巡检',
    },
    days: 7,
    how_to_object: '受影响的业主可提交书面意见。',
    privacy: '不公布姓名、房号和电话。',
    centre,
  },
}

export const city = {
  city: '吉首市',
  centre,
  emergency,
  objection_kinds: [],
  objection_max_characters: 2500,
  objection_channels: ['mini_program', 'paper'],
  about: ['扫电梯里的二维码，就能看到这台电梯有没有维修保险。'],
  photo_hint: '不要拍到人脸。',
  privacy: { title: '个人信息', paragraphs: ['看电梯不用登录。'] },
  subscriptions: [
    { key: 'notice_ending', template_id: 't-ending', title: '公示将满', why: '结束前提醒一次。' },
    { key: 'cover_changed', template_id: 't-cover', title: '保障变化', why: '开始或到期时告诉您。' },
  ],
}

export const missing = [
  404,
  { errors: [{ code: 'not_found', message: '没有找到公示。', field: null }], request_id: 'r' },
]

export const session = {
  'POST /sessions': [
    201,
    { token: 't', person_id: NOTICE_ID, expires_at: '2025-03-10T09:00:00+08:00' },
  ],
}
