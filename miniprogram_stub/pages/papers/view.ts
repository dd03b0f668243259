/** What a contract and an invoice say, as somebody copies it from the paper. */

import type { OwnCase } from '../../lib/types'
import { amount, fenOf } from '../../lib/words'

export type Kind = 'contract' | 'amendment' | 'invoice'

export interface PaperForm {
  title: string
  /** What the paper is called. */
  paper: string
  numberName: string
  moneyName: string
  dayName: string
  path: string
  needsReason: boolean
}

export const FORMS: Record<Kind, PaperForm> = {
  contract: {
    title: '上传签好的合同',
    paper: '合同',
    numberName: '合同编号',
    moneyName: '合同保费',
    dayName: '签订日期',
    path: '/contract',
    needsReason: false,
  },
  amendment: {
    title: '更正合同',
    paper: '合同',
    numberName: '合同编号',
    moneyName: '合同保费',
    dayName: '签订日期',
    path: '/contract-amendment',
    needsReason: true,
  },
  invoice: {
    title: '上传发票',
    paper: '发票',
    numberName: '发票号码',
    moneyName: '发票金额',
    dayName: '开票日期',
    path: '/invoices',
    needsReason: false,
  },
}

export interface Copied {
  number: string
  buyer: string
  money: string
  day: string
  reason: string
  file: string
  same: boolean
}

/** Where the field stands on the page, by what the service calls it. */
export const FIELDS = {
  number: 'number',
  buyer: 'buyer',
  premium_fen: 'money',
  amount_fen: 'money',
  signed_on: 'day',
  issued_on: 'day',
  file_sha256: 'file',
  reason: 'reason',
  insurer_id: 'same',
  lift_codes: 'same',
}

export const nothingCopied = (day: string): Copied => ({
  number: '',
  buyer: '',
  money: '',
  day,
  reason: '',
  file: '',
  same: false,
})

/** What stands on record already, to be corrected. */
export function copiedBefore(kind: Kind, found: OwnCase, day: string): Copied {
  const { contract } = found
  if (kind !== 'amendment' || !contract) return nothingCopied(day)
  return {
    ...nothingCopied(contract.signed_on),
    number: contract.number,
    money: amount(contract.premium_fen).replace(/,/g, ''),
  }
}

export function wrongIn(kind: Kind, copied: Copied, sent: { busy: boolean; failed: number }) {
  const { paper, numberName, moneyName, needsReason } = FORMS[kind]
  const photo = sent.busy
    ? `${paper}还在上传，请稍等。`
    : sent.failed
      ? `${paper}没有传上去，请重新上传。`
      : `请拍下${paper}。`
  return {
    number: copied.number.trim() ? '' : `请填写${numberName}。`,
    buyer: kind !== 'invoice' || copied.buyer.trim() ? '' : '请填写发票上的购买方名称。',
    money: fenOf(copied.money) ? '' : `请填写${moneyName}，例如 5200 或 5200.50。`,
    day: copied.day ? '' : '请选择日期。',
    same: copied.same ? '' : `请对照${paper}核对后打勾；不一致的先请保险机构改。`,
    reason: needsReason && !copied.reason.trim() ? '请写明为什么更正。' : '',
    file: copied.file && !sent.busy ? '' : photo,
  }
}

export function bodyOf(kind: Kind, copied: Copied, found: OwnCase): object {
  const common = {
    number: copied.number.trim(),
    insurer_id: found.insurer_id,
    file_sha256: copied.file,
  }
  const fen = fenOf(copied.money)
  if (kind === 'invoice') {
    return { ...common, buyer: copied.buyer.trim(), amount_fen: fen, issued_on: copied.day }
  }
  return {
    ...common,
    premium_fen: fen,
    signed_on: copied.day,
    lift_codes: found.lifts.map(({ registration_code }) => registration_code),
    ...(kind === 'amendment' ? { reason: copied.reason.trim() } : {}),
  }
}

/** Which sum the paper should say, in fen; null when nothing is known. */
export const expectedFen = (kind: Kind, { premium_fen, contract }: OwnCase): number | null =>
  kind === 'invoice' ? (contract?.premium_fen ?? null) : premium_fen
