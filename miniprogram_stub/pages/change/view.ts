/** What an applicant may change of an application, each with a reason. */

import type { Choice } from '../../lib/choices'
import type { Insurers, OwnCase } from '../../lib/types'
import { dated } from '../../lib/words'

export interface Change {
  title: string
  /** What follows from it, before anybody writes a reason. */
  words: string
  path: string
  /** What is chosen beside the reason, and what the service calls it. */
  choose: string
  field: string
  done: string
}

/** By the name of the step: a step that is not here has no page. */
export const CHANGES: Record<string, Change> = {
  drop_lift: {
    title: '移出一台电梯',
    words: '其余电梯继续办理，移出的那台以后可以另行申请。已有方案的，要由保险机构重新拟定。',
    path: '/lift-removal',
    choose: '移出哪一台',
    field: 'lift_id',
    done: '已经移出',
  },
  change_insurer: {
    title: '换一家保险机构',
    words: '由新的机构重新查勘、拟订方案；申请表和联名仍然有效。',
    path: '/insurer-change',
    choose: '换成哪一家',
    field: 'insurer_id',
    done: '已经换了',
  },
  request_plan: {
    title: '请保险机构另拟方案',
    words: '写明委员们不同意什么，机构据此另拟方案，再由业委会审议。',
    path: '/plan-request',
    choose: '',
    field: '',
    done: '已经请机构另拟方案',
  },
  undo_draft_notice: {
    title: '撤回待张贴的公示',
    words: '预留的保费和电梯放回，已印的海报作废、已拍的照片不算。要继续办的，重新生成公示再张贴。',
    path: '/notice-reversal',
    choose: '',
    field: '',
    done: '公示已经撤回',
  },
  withdraw: {
    title: '撤回这件申请',
    words: '撤回后这件申请就结束了，预留的钱回到账户。以后可以重新申请。',
    path: '/withdrawal',
    choose: '',
    field: '',
    done: '已经撤回',
  },
}

export function choicesFor(step: string, found: OwnCase, { items }: Insurers): Choice[] {
  if (step === 'drop_lift') {
    return found.lifts.map((lift) => ({
      key: lift.id,
      name: `${lift.building}${lift.unit} ${lift.name}`,
      note: lift.registration_code,
    }))
  }
  if (step !== 'change_insurer') return []
  return items
    .filter(({ id, selected }) => selected && id !== found.insurer_id)
    .map(({ id, name, selected_until }) => ({
      key: id,
      name,
      note: selected_until ? `遴选有效至${dated(selected_until)}` : '已通过遴选',
    }))
}
