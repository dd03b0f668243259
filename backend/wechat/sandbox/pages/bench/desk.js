// The desk of the centre, the insurer and the paperwork: people who have no page in the mini-program.

import { $, el, endLabel, toast } from "./base.js";
import { as, officer, paper, photo, upload } from "./office.js";
import { reopenAll } from "./phones.js";
import { listen, now, refresh } from "./world.js";

const CLERK = "中心经办", REVIEWER = "中心复核", CASHIER = "中心出纳", INSURER = "保险机构", MANAGER = "物业经理";
const PREMIUM_FEN = 130_000;
const ANSWER = "三家机构报价在一千三百至一千五百元之间，比选记录可到中心查阅。";

const day = (ahead = 0) => new Date(now() + 8 * 3600e3 + ahead * 86400e3).toISOString().slice(0, 10);
const total = detail => detail.plan.premium_fen;
const tag = () => String(Math.floor(now() / 1000));

async function survey(detail, path) {
  for (const lift of detail.lifts) {
    await as(INSURER, "POST", path + "/surveys", { lift_id: lift.id, result: "passed", findings: "运行平稳，可以承保" });
  }
  await as(INSURER, "POST", path + "/plans", {
    lifts: detail.lifts.map(lift => ({ lift_id: lift.id, premium_fen: PREMIUM_FEN })),
    sum_insured_fen: 15_000_000, deductible_fen: 20_000, cover_from: day(45), cover_ends_before: day(410),
    scope_of_cover: "电梯部件故障的修理和更换费用，含人工和材料。", exclusions: "人为损坏、自然灾害和整机更新。",
    service_commitments: "全天响应；困人三十分钟内到场；每季度查看维保。",
  });
}

async function photograph(detail, notice, moment) {
  const units = new Map(detail.lifts.map(lift => [lift.unit_id, `${lift.building}${lift.unit}`]));
  for (const [unit, place] of units) {
    for (const framing of ["wide", "close"]) {
      const file_sha256 = await upload(MANAGER, await photo(`${place} 公示`), "photo.jpg");
      const body = { unit_id: unit, moment, framing, file_sha256, captured_at: new Date(now()).toISOString() };
      await as(MANAGER, "POST", `/notices/${notice}/photos`, body).catch(error => {
        if (!/已/.test(error.message)) throw error; // somebody took this one on the phone before
      });
    }
  }
}

async function post(detail, path) {
  const notice = detail.notice?.state === "draft" ? detail.notice : await as(MANAGER, "POST", path + "/notice");
  await photograph(detail, notice.id, "start");
}

async function clear(detail, path) {
  if (detail.notice.missing_end.length) await photograph(detail, detail.notice.id, "end");
  await as(CLERK, "POST", path + "/clearance", { statement: "公示期内未收到纸质异议。" });
}

/** What still waits for an answer; who took an objection back needs none. */
const unanswered = detail => detail.objections.filter(one => one.id && !one.answer && one.status !== "withdrawn");

async function answerAll(detail) {
  for (const one of unanswered(detail)) {
    await as(CLERK, "POST", `/objections/${one.id}/answer`, { answer: ANSWER });
  }
}

async function contract(detail, path) {
  await as(MANAGER, "POST", path + "/contract", { number: "DEMO-HT-" + tag(), insurer_id: detail.insurer_id, premium_fen: total(detail),
    signed_on: day(), lift_codes: detail.lifts.map(lift => lift.registration_code), file_sha256: await upload(MANAGER, paper("contract"), "a.pdf") });
}

async function requestPayment(detail, path) {
  const invoice = { number: "DEMO-FP-" + tag(), insurer_id: detail.insurer_id, amount_fen: total(detail), issued_on: day() };
  const { invoice_buyers: [buyer] } = await as(MANAGER, "GET", path + "/my-part");
  await as(MANAGER, "POST", path + "/invoices", { ...invoice, buyer, file_sha256: await upload(MANAGER, paper("invoice"), "a.pdf") });
  await as(MANAGER, "POST", path + "/payment-request", {});
}

async function pay(detail, path) {
  if (detail.state === "payment_reviewed") await as(CASHIER, "POST", path + "/payment-order", {});
  const receipt = await upload(CASHIER, paper("bank receipt"), "a.pdf");
  await as(CASHIER, "POST", path + "/payment-confirmation", { bank_reference: "DEMO-BANK-" + tag(), receipt_sha256: receipt });
}

async function issue(detail, path) {
  const { cover_from, cover_last_day } = detail.plan.terms;
  await as(INSURER, "POST", path + "/policy", { number: "DEMO-BD-" + tag(), cover_from, cover_last_day, issued_on: day(), premium_fen: total(detail),
    lift_codes: detail.lifts.map(lift => lift.registration_code), file_sha256: await upload(INSURER, paper("policy"), "a.pdf"), answers_for_days_before: cover_from < day() });
}

const NEXT = {
  applied: [CLERK, "查询账户余额", (_, path) => as(CLERK, "POST", path + "/funds-query", { upkeep_statement: "物业管理规范，电梯维保正常。" })],
  funds_queried: [INSURER, "查勘并提出方案", survey],
  approved: [MANAGER, "张贴公示并拍照", post],
  suspended: [CLERK, "答复异议", answerAll],
  cleared: [REVIEWER, "登记备案", (_, path) => as(REVIEWER, "POST", path + "/registration")],
  registered: [MANAGER, "签合同", contract],
  contracted: [MANAGER, "交发票、申请拨付", requestPayment],
  payment_requested: [REVIEWER, "复核拨付资料", (_, path) => as(REVIEWER, "POST", path + "/payment-review")],
  payment_reviewed: [CASHIER, "拨付保费", pay],
  paying: [CASHIER, "登记银行回单", pay],
  paid: [INSURER, "出具保单", issue],
};
const WAITS = {
  drafted: "等物业在小程序里提交申请", planned: "等业委会委员审议（小程序或聊天）",
  policy_issued: "起保日零点自动生效", in_force: "扫码可见保障",
};

/** What can be done for a case now: [who, words, work], or a sentence why nothing can. */
function next(detail) {
  const open = unanswered(detail);
  if (detail.state === "suspended" && !open.length) return "已答复，等业主撤回或暂缓解除";
  if (detail.state !== "posted") return NEXT[detail.state] || WAITS[detail.state] || "";
  if (open.length) return NEXT.suspended;
  if (now() >= Date.parse(detail.notice.ends_before)) return [CLERK, "补齐结束照片，确认无异议", clear];
  return `公示到${endLabel(detail.notice.ends_before)}，可以用上方的“跳到…”`;
}

let busy = false;
async function run(work, detail) {
  busy = true;
  try {
    await work(detail, `/purchases/${detail.id}`);
    await refresh();
    reopenAll();
  } catch (error) {
    toast(error.message);
  }
  busy = false;
  await showDesk();
}

function line(detail) {
  const step = next(detail);
  const places = [...new Set(detail.lifts.map(lift => lift.building))].join("、");
  const doing = typeof step === "string" ? el("p", { className: "soft" }, step)
    : el("button", { type: "button", className: "step", disabled: busy, onclick: event => { event.target.disabled = true; run(step[2], detail); } },
      el("small", {}, step[0]), step[1]);
  return el("li", { dataset: { state: detail.state, place: places } },
    el("div", { className: "row" }, el("b", { className: "grow" }, `${places} · ${detail.lifts.length} 台`),
      el("span", { className: "state" }, detail.state_name)), doing);
}

/** The cases as the clerk sees them, by place. */
export const cases = { list: [] };

export async function showDesk() {
  if (!officer(CLERK) || busy) return;
  try {
    const { items } = await as(CLERK, "GET", "/purchases?page_size=12");
    cases.list = await Promise.all(items.map(one => as(CLERK, "GET", "/purchases/" + one.id)));
  } catch {
    return; // no API yet, or not this city: the desk stays away
  }
  $("desk").hidden = !cases.list.length;
  const lines = cases.list.map(line);
  $("desk").replaceChildren(el("h2", {}, "柜台"), el("p", { className: "soft" }, "中心、保险机构和书面手续：不打开工作台，在这里替他们办下一步。"), el("ul", {}, lines));
}

let soon;
listen(() => { clearTimeout(soon); soon = setTimeout(showDesk, 600); });
