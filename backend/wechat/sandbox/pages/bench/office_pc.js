// A PC of an office (演练): one click, and the officer is signed in at the desk, in a window of its own.

import { $, ask, el, of, split, toast } from "./base.js";
import { officer } from "./office.js";
import { listen } from "./world.js";

const OFFICES = ["中心经办", "中心复核", "中心出纳", "系统管理员", "领导小组", "审计", "保险机构", "物业经理"];
const WITH_AUTHENTICATOR = ["中心出纳", "系统管理员"];
const WINDOW = "tibao-office-pc"; // one PC: who sits down next takes the place of whoever was there

const opened = new Set();
/** Whether this officer was at the PC since the page was opened. */
export const wasAtDesk = office => opened.has(office);

function door(office) {
  const name = officer(office);
  const form = el("form", { method: "post", target: WINDOW, action: "/office-pc/" + encodeURIComponent(name), onsubmit: () => { opened.add(office); } },
    el("button", { title: `以${split(name).name}的身份打开工作台` }, office));
  return el("li", { dataset: { office } }, form, WITH_AUTHENTICATOR.includes(office)
    ? el("button", { type: "button", className: "plain small", onclick: () => showCode(name) }, "验证码") : null);
}

/** What the authenticator on the officer's phone shows: the desk asks again before payments and rights. */
async function showCode(name) {
  try {
    toast(`${split(name).name}的验证码：${(await ask("POST", of(name) + "/authenticator-code")).digits}`);
  } catch (error) {
    toast(error.message);
  }
}

export function showOffice() {
  const offices = OFFICES.filter(officer);
  $("office").hidden = !offices.length;
  $("office").replaceChildren(el("h2", {}, "工作台 ", el("span", { className: "rehearsal" }, "演练")),
    el("p", { className: "soft" }, "办公室电脑上的网页。点一位工作人员，模拟器替他用手机扫码登录，在新窗口打开；换一位，同一台电脑就换了人。"),
    el("ul", {}, offices.map(door)));
}

/** Open the desk as this officer, as a click on their button does. */
export function sitDown(office) {
  $("office").scrollIntoView({ block: "nearest", behavior: "smooth" });
  $("office").querySelector(`[data-office="${office}"] form`)?.requestSubmit();
}

let shown = "";
listen(() => {
  const now = OFFICES.map(officer).join();
  if (now !== shown) {
    shown = now;
    showOffice();
  }
});
