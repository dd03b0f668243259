// Behind the scenes: callbacks, faults, the control API.

import { $, ask, clockLabel, el, toast } from "./base.js";
import { act, listen, world } from "./world.js";

const EVENTS = { subscribe: "关注", unsubscribe: "取消关注", text: "消息", TEMPLATESENDJOBFINISH: "模板消息送达结果",
  subscribe_msg_popup_event: "订阅弹窗", subscribe_msg_change_event: "订阅设置", subscribe_msg_sent_event: "订阅消息送达结果" };

function outcome(push) {
  if (push.answered) return ["ok", "已应答"];
  return push.attempts.length < 3 ? ["wait", "推送中"] : ["bad", "未应答"];
}

function entry(push, open) {
  const [tone, words] = outcome(push);
  const tries = push.attempts.map((one, index) =>
    `第 ${index + 1} 次：${one.status ?? "无应答"}，${one.milliseconds} 毫秒 ${one.answer}`).join("\n");
  return el("details", { className: "push", open, dataset: { id: push.id } },
    el("summary", {}, el("span", { className: "dot " + tone }), el("span", {}, `${push.person} · ${EVENTS[push.kind] || push.kind}`),
      el("span", { className: tone + "-text" }, words), el("span", { className: "soft" }, `${clockLabel(push.at)}　${push.summary}`)),
    el("pre", {}, tries || "还没有应答"), el("pre", {}, push.plain.replace(/(<\/\w+>|<xml>)(?=<)/g, "$1\n")),
    el("button", { className: "small", onclick: () => act("POST", `/callbacks/${push.id}/repeat`) }, "原样重推"));
}

function showPushes() {
  $("url").textContent = world.url || "（已关闭推送）";
  const open = new Set([...document.querySelectorAll(".push[open]")].map(one => one.dataset.id));
  const newest = [...world.pushes.values()].sort((a, b) => b.id - a.id).slice(0, 60);
  $("log").replaceChildren(...newest.map(push => entry(push, open.has(String(push.id)))));
  if (!newest.length) $("log").replaceChildren(el("p", { className: "soft" }, "还没有回调。关注、写消息或点选菜单都会推送回调。"));
}

async function showTrouble() {
  const [faults, counted] = await Promise.all([ask("GET", "/faults"), ask("GET", "/calls")]);
  if (document.activeElement !== $("ms")) $("ms").value = faults.latency_ms;
  $("faults").textContent = faults.faults.length
    ? faults.faults.map(one => `${one.call}：${one.kind} ${one.code}，${one.times ? `还有 ${one.times} 次` : "直到清除"}`).join("；")
    : "现在没有故障。";
  $("calls").replaceChildren(...Object.entries(counted.calls).map(([path, count]) =>
    el("tr", {}, el("td", {}, String(count)), el("td", {}, el("code", {}, path)))));
}

function inject() {
  const [kind, code] = $("kind").value.split("|");
  return act("POST", "/faults", { call: $("call").value, kind, code: Number(code), times: Number($("times").value) });
}

export function startBehind() {
  const after = work => async () => { await work(); await showTrouble(); };
  $("check").onclick = async () => {
    const got = await act("POST", "/callback/check");
    if (got) toast(got.ok ? "地址校验通过" : `地址校验未通过：${got.attempt.status ?? ""} ${got.attempt.answer}`);
  };
  $("slow").onclick = after(() => act("PUT", "/latency", { ms: Number($("ms").value) }));
  $("inject").onclick = after(inject);
  $("clear").onclick = after(() => act("DELETE", "/faults"));
  $("revoke").onclick = () => act("POST", "/tokens/revoke").then(got => got && toast("已发出的 token 全部失效"));
  $("reset").onclick = async () => {
    if (!confirm("清空人员、消息、故障与计数？重新运行 make run 会把演示的人请回来。")) return;
    await act("POST", "/reset");
    localStorage.clear();
    location.reload();
  };
  ask("GET", "").then(({ routes }) => $("routes").replaceChildren(...routes.map(one =>
    el("tr", {}, el("td", {}, one.method), el("td", {}, el("code", {}, one.path), el("div", {}, one.about))))));
  showPushes();
  new IntersectionObserver(([seen]) => { if (seen.isIntersecting) showTrouble(); }).observe($("calls"));
}

listen(showPushes);
