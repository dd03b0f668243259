// A person's chat with the service account, and the notices of the mini-program.

import { clockLabel, el, face, of, split, toast } from "./base.js";
import { act, refresh, world } from "./world.js";

export const messagesOf = name => world.messages.filter(one => one.person === name);

function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"，。；）]+)/).map((piece, index) =>
    index % 2 ? el("a", { href: piece, target: "_blank", rel: "noopener" }, piece) : piece);
}

function card(message, openMini) {
  const list = el("dl");
  for (const [label, value] of Object.entries(message.data)) {
    list.append(el("dt", {}, label), el("dd", {}, value));
  }
  const page = message.miniprogram && message.miniprogram.pagepath;
  const more = page
    ? el("button", { type: "button", className: "more", onclick: () => openMini(page) }, "进入小程序查看")
    : message.url ? el("a", { className: "more", href: message.url, target: "_blank", rel: "noopener" }, "查看详情") : null;
  const from = message.type === "subscribe" ? "服务通知 · 小程序" : "服务号";
  return el("article", { className: "card" }, el("p", { className: "from" }, from),
    el("h3", {}, message.text.split("\n")[0]), list,
    message.status === "success" ? null : el("p", { className: "failed" }, `未送达：${message.status}`), more);
}

function bubble(message) {
  const inner = el("div", { className: "bubble" }, ...linked(message.text));
  if (message.choices.length) {
    const choices = el("div", { className: "choices" });
    for (const choice of message.choices) {
      const tap = { choice_id: choice.id, message_id: message.id };
      choices.append(el("button", { type: "button", className: "choice",
        onclick: () => act("POST", of(message.person) + "/taps", tap) }, choice.text));
    }
    inner.append(choices, ...linked(message.tail));
  }
  const mine = message.direction === "out";
  return el("div", { className: mine ? "said out" : "said" },
    mine ? face(message.person) : face("梯", "#0b6e6e"), inner);
}

/** The chat's elements for one person; `update()` shows what is new. */
export function makeChat(name, openMini) {
  const list = el("div", { className: "said-all", tabIndex: 0, role: "log", aria: { label: "与服务号的对话" } });
  const field = el("input", { className: "grow", name: "text", placeholder: "写给服务号…",
    autocomplete: "off", required: true, aria: { label: "写给服务号" } });
  const button = el("button", { className: "main" }, "发送");
  const form = el("form", { className: "write" }, field, button);
  const follow = el("button", { type: "button", className: "small" });
  const head = el("div", { className: "account" }, face("梯", "#0b6e6e"), el("b", { className: "grow" }, "梯保服务号"), follow);

  form.onsubmit = async event => {
    event.preventDefault();
    const text = field.value;
    field.value = "";
    const sent = act("POST", of(name) + "/messages", { text });
    setTimeout(refresh, 80);
    const answer = await sent;
    if (answer && !answer.callback.answered && answer.callback.attempts.length) toast("服务号没有应答：见回调日志");
  };

  let shown = "";
  function update() {
    const person = world.people.find(one => one.name === name);
    if (!person) return;
    const theirs = messagesOf(name);
    const state = JSON.stringify([person.subscribed, theirs.length, theirs.at(-1)?.status]);
    if (state === shown) return;
    shown = state;
    field.disabled = button.disabled = !person.subscribed;
    field.placeholder = person.subscribed ? "写给服务号…" : "关注后才能写消息";
    follow.textContent = person.subscribed ? "取消关注" : "关注服务号";
    follow.onclick = () => act("POST", of(name) + (person.subscribed ? "/unfollow" : "/follow"));
    const nodes = [];
    let before = 0;
    for (const message of theirs) {
      const at = Date.parse(message.at);
      if (Math.abs(at - before) > 300_000) nodes.push(el("div", { className: "when" }, clockLabel(message.at)));
      before = at;
      nodes.push(message.data && Object.keys(message.data).length ? card(message, openMini) : bubble(message));
    }
    if (!nodes.length) {
      nodes.push(el("div", { className: "empty" }, el("b", {}, "还没有消息"),
        person.subscribed ? "写“帮助”试试。" : `${split(name).name}还没有关注服务号。`));
    }
    list.replaceChildren(...nodes);
    down();
  }
  const down = () => { list.scrollTop = list.scrollHeight; };
  return { node: el("div", { className: "chat" }, head, list, form), update, down };
}
