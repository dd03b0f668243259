// The guided tour: a few minutes from a scan to an answered objection, a day of the offices, and cover.

import { $, el } from "./base.js";
import { messagesOf } from "./chat.js";
import { cases } from "./desk.js";
import { sitDown, wasAtDesk } from "./office_pc.js";
import { openPhone, person, scan, whereIs } from "./phones.js";
import { codeOf, hint, liftOf } from "./wall.js";
import { now } from "./world.js";

const KEPT = "tibao-tour";
const EVERY_MILLISECONDS = 1200;
const WHO = { resident: / 住户$/, owner: /1栋业主$/, manager: /物业经理/, chair: /业委会主任/, deputy: /业委会副主任/ };
const who = key => person(WHO[key]);
const at = (key, part) => whereIs(who(key) || "").includes(part);
const tokenIn = note => encodeURIComponent(codeOf(note)?.text || "—");
const look = (key, note) => scan(who(key), codeOf(note));
const desk = () => { $("desk").scrollIntoView({ block: "nearest", behavior: "smooth" }); $("desk").querySelector("button")?.focus({ preventScroll: true }); };

const openJump = () => { $("jump").open = true; $("jump").querySelector("summary").focus(); };

let lift = null; // 1栋's lift as everybody sees it
const notice = () => lift?.notices[0];
const objection = () => notice()?.objections[0];
const caseAt = place => cases.list.find(one => one.lifts[0]?.building === place && one.state !== "withdrawn");

const AFTER_NOTICE = ["cleared", "registered", "contracted", "payment_requested", "payment_reviewed", "paying", "paid", "policy_issued", "in_force"];
/** Whether 1栋 has come as far as this state. */
const reached = state => AFTER_NOTICE.indexOf(caseAt("1栋")?.state) >= AFTER_NOTICE.indexOf(state);

const STEPS = [
  { title: "扫一台有保障的电梯", code: "已有保障", go: () => look("resident", "已有保障"), done: () => at("resident", tokenIn("已有保障")),
    text: "住户用微信扫轿厢里的码，不用登录：困人打什么电话、谁承保、保到哪天、管什么不管什么。" },
  { title: "再扫一台正在公示的", code: "正在公示", go: () => look("resident", "正在公示"), done: () => at("resident", tokenIn("正在公示")),
    text: "1栋打算用维修资金的增值收益买保险。扫码能看到公示，和最后可以提异议的时刻：遇春节顺延到2月5日。" },
  { title: "扫一张来历不明的码", code: "伪造", go: () => look("resident", "伪造"), done: () => at("resident", tokenIn("伪造")),
    text: "伪造、作废、别处的码都只见到同一个平静的页面：先给应急电话，别的什么也不透露。" },
  { title: "业主读公示全文", go: () => openPhone(who("owner"), { tab: "mini", page: `pages/notice/notice?number=${notice()?.number}` }),
    done: () => at("owner", "pages/notice") || at("owner", "pages/object"),
    text: "换到业主钱示安的手机：保费多少、从哪出、怎么选的保险机构，方案一字不改地冻结在这里。" },
  { title: "业主提一条异议", go: () => openPhone(who("owner"), { tab: "mini", page: `pages/object/object?notice=${notice()?.number}` }),
    done: () => Boolean(objection()),
    text: "选一类、写几句、手写签名；提交后有编号和回执，点“通知我”，有答复时会收到一条消息。业主的异议一到，购买立刻暂缓。" },
  { title: "物业经理听到消息", go: () => openPhone(who("manager"), { tab: "chat" }), done: () => Boolean(objection()) && heard("manager", /暂缓/),
    text: "同一刻，物业经理的服务号里来了一条通知：哪里、谁该做什么、什么时候之前。" },
  { title: "中心书面答复", go: desk, done: () => Boolean(objection()?.answer),
    text: "在“柜台”里替中心经办点“答复异议”。答复会公开，作者会收到消息。" },
  { title: "业主撤回，公示继续", go: () => openPhone(who("owner"), { tab: "mini", page: "pages/mine/mine" }),
    done: () => objection()?.status === "withdrawn",
    text: "业主在“我的异议”里点开那一条，看到答复，可以撤回。公示从剩下的天数接着走，暂缓的日子不算。" },
  { title: "业委会审议另一份方案", go: () => { openPhone(who("chair"), { tab: "chat" }); openPhone(who("deputy"), { tab: "mini", page: "pages/committee/committee" }); },
    done: () => caseAt("6栋") && caseAt("6栋").state !== "planned",
    text: "6栋的方案等业委会。主任在聊天里写“你好”，点“同意”；副主任在小程序里同意；再请一位委员。过半即通过。" },
  { title: "拨快时钟", go: () => setTimeout(openJump), done: () => reached("cleared") || now() >= Date.parse(caseAt("1栋")?.notice?.ends_before),
    text: "上方“跳到…”里选“1栋公示结束”。各个办公室的一天开始了。" },
  { title: "早上：经办打开工作台", go: () => sitDown("中心经办"), done: () => wasAtDesk("中心经办"),
    text: "在“工作台”里点“中心经办”：她的电脑在新窗口打开，今日待办按期限排好。点进1栋的案件，每一步写着能不能办、为什么不能、由谁办。" },
  { title: "经办确认公示无异议", go: desk, done: () => reached("cleared"),
    text: "结束照片还没有拍：工作台写着缺什么。在“柜台”替物业和经办点“补齐结束照片，确认无异议”；照片齐了，也可以在工作台办。" },
  { title: "复核登记备案", go: () => sitDown("中心复核"), done: () => reached("registered"),
    text: "换复核坐到电脑前：他的今日待办里有1栋。打开案件，点“备案”，先看到“办理之后”会怎样，再提交。办过这个案件的经办不能复核。" },
  { title: "物业签合同、交发票", go: desk, done: () => reached("payment_requested"),
    text: "在“柜台”替物业点“签合同”“交发票、申请拨付”。下一步回到中心。" },
  { title: "下午：复核、出纳拨付", go: () => sitDown("中心复核"), done: () => reached("paid"),
    text: "复核看过发票，再换“中心出纳”坐下：发出拨付，登记银行回单；要再次验证时，点出纳旁边的“验证码”。谁先谁后、谁不能办，工作台都照办事规则写明；回单没有文件时，“柜台”替您附一张。" },
  { title: "审计随时可看", go: () => sitDown("审计"), done: () => wasAtDesk("审计"),
    text: "审计打开同一个案件：全部经过、资料、期限都在，没有一个能办理的按钮。" },
  { title: "出具保单", go: desk, done: () => reached("policy_issued"),
    text: "在“柜台”替保险机构出具保单。保单的起止日期、电梯和保费要和方案一致，否则当场退回。" },
  { title: "到起保日再扫一次", code: "正在公示", go: () => look("resident", "正在公示"), done: () => Boolean(lift?.covered),
    text: "再在“跳到…”里选“1栋保障生效”：不用谁动手，保障自己开始。住户扫1栋的码，看到的已经变了。" },
];

const heard = (key, words) => messagesOf(who(key) || "").some(one => one.direction === "in" && words.test(one.text));
const kept = JSON.parse(localStorage.getItem(KEPT) || "{}");
const state = { at: kept.at || 0, done: new Set(kept.done || []) };

const city = () => codeOf("正在公示").text;

function keep() {
  localStorage.setItem(KEPT, JSON.stringify({ city: city(), at: state.at, done: [...state.done] }));
}

function turn(to) {
  state.at = Math.max(0, Math.min(to, STEPS.length - 1));
  keep();
  show();
}

function show() {
  const step = STEPS[state.at];
  hint(step.code);
  const done = state.done.has(state.at);
  const last = state.at === STEPS.length - 1;
  const dots = el("ol", { className: "dots" }, STEPS.map((one, index) => el("li", {},
    el("button", { type: "button", className: state.done.has(index) ? "did" : "", title: one.title, onclick: () => turn(index),
      aria: { label: `第 ${index + 1} 步：${one.title}${state.done.has(index) ? "（已完成）" : ""}`, current: index === state.at ? "step" : "false" } }))));
  $("tour").replaceChildren(
    el("p", { className: "soft" }, "几分钟看懂梯保", el("span", {}, ` · ${state.at + 1} / ${STEPS.length}`)),
    el("h2", {}, done ? el("span", { className: "tick", aria: { label: "已完成" } }, "✓") : null, step.title),
    el("p", {}, step.text),
    el("div", { className: "row" },
      el("button", { type: "button", className: done && !last ? "" : "main", onclick: step.go }, "带我去"),
      el("button", { type: "button", className: done && !last ? "main" : "", disabled: last, onclick: () => turn(state.at + 1) }, "下一步"),
      el("button", { type: "button", className: "plain", disabled: !state.at, onclick: () => turn(state.at - 1) }, "上一步")),
    dots);
}

async function check() {
  if (state.done.has(state.at)) return;
  const code = codeOf("正在公示");
  if (state.at > 1 && code) lift = await liftOf(code) || lift;
  if (!STEPS[state.at].done()) return;
  state.done.add(state.at);
  keep();
  show();
}

export function startTour() {
  if (!codeOf("正在公示") || !who("resident")) {
    $("tour").hidden = true;
    return;
  }
  if (kept.city !== city()) Object.assign(state, { at: 0, done: new Set() }); // a city made anew
  show();
  liftOf(codeOf("正在公示")).then(found => { lift ||= found; });
  setInterval(check, EVERY_MILLISECONDS);
}
