// The phones on the bench: whose are open, which tab each shows, where its mini-program is.

import { $, el, face, icon, split, toast } from "./base.js";
import { makeChat, messagesOf } from "./chat.js";
import { act, listen, now, world } from "./world.js";

const HOME = "pages/lift/lift";
const PAGES = [[/业委会/, "pages/committee/committee"], [/物业/, "pages/manager/manager"]];
const KEPT = "tibao-bench";
const OFFICES = /中心|系统|领导|审计|保险/;
const FIRST = [/ 住户$/, / \S*业主/, /业委会主任/, /物业/];

const phones = new Map();
const OLD_MILLISECONDS = 3600e3; // what came before the first visit is no news
const seen = JSON.parse(localStorage.getItem(KEPT + "-seen") || "{}");
const visited = localStorage.getItem(KEPT + "-seen") !== null;
let active = null;

export const activePhone = () => active;
export const person = pattern => world.people.find(one => pattern.test(one.name))?.name;
const pageOf = name => (PAGES.find(([office]) => office.test(name)) || [null, HOME])[1];
const unread = name => messagesOf(name).filter(one => one.direction === "in" && one.id > (seen[name] || 0)).length;

/** Where the person's mini-program is: the part after `#/`. */
export function whereIs(name) {
  try {
    return phones.get(name)?.frame.contentWindow.location.hash.slice(2) || "";
  } catch {
    return "";
  }
}

function keep() {
  const open = [...phones].map(([name, phone]) => ({ name, tab: phone.tab }));
  localStorage.setItem(KEPT + "-open", JSON.stringify(open));
}

function makePhone(name) {
  const { name: called, office } = split(name);
  const frame = el("iframe", { title: `${called}的小程序`, className: "mini" });
  const chat = makeChat(name, page => openPhone(name, { tab: "mini", page }));
  const tabs = ["mini", "chat"].map(kind => el("button", { type: "button", role: "tab",
    onclick: () => openPhone(name, { tab: kind }), aria: { selected: false } }, kind === "mini" ? "小程序" : "服务号"));
  const count = el("span", { className: "count", hidden: true });
  tabs[1].append(count);
  const tool = (title, words, path, onclick) => el("button", { type: "button", className: "icon", title, onclick, aria: { label: words } }, icon(path));
  const scan = tool("扫一扫", `用${called}的手机扫一扫`, "M3 7V4a1 1 0 0 1 1-1h3M13 3h3a1 1 0 0 1 1 1v3M17 13v3a1 1 0 0 1-1 1h-3M7 17H4a1 1 0 0 1-1-1v-3M3 10h14", () => askToScan(name));
  const again = tool("刷新", `刷新${called}的小程序`, "M16 10a6 6 0 1 1-2-4.5M16 3v3.5h-3.5", () => reopen(name));
  const away = tool("收起", `收起${called}的手机`, "M5 5l10 10M15 5L5 15", () => putAway(name));
  const node = el("article", { className: "phone", aria: { label: `${called}的手机` } },
    el("div", { className: "owner" }, face(name), el("div", { className: "grow" }, el("b", {}, called), el("span", { className: "soft" }, office)), scan, again, away),
    el("div", { className: "tabs", role: "tablist", aria: { label: `${called}的手机上` } }, tabs),
    el("div", { className: "device" }, frame, chat.node));
  node.addEventListener("pointerdown", () => choose(name));
  node.addEventListener("focusin", () => choose(name));
  return { node, frame, chat, tabs, count, tab: "mini" };
}

/** Show a person's phone, perhaps on another tab or page of the mini-program. */
export function openPhone(name, { tab, page, quiet = false } = {}) {
  const fresh = !phones.has(name);
  if (fresh) {
    const made = makePhone(name);
    phones.set(name, made);
    if (active && !quiet) phones.get(active).node.after(made.node);
    else $("phones").append(made.node);
  }
  const phone = phones.get(name);
  phone.tab = tab || (fresh && unread(name) && !page ? "chat" : phone.tab);
  phone.frame.hidden = phone.tab !== "mini";
  phone.chat.node.hidden = phone.tab !== "chat";
  phone.tabs.forEach((one, index) => one.setAttribute("aria-selected", String((index === 1) === (phone.tab === "chat"))));
  if (page) go(name, page);
  else if (phone.tab === "mini" && !phone.frame.src) go(name, pageOf(name));
  phone.chat.update();
  phone.chat.down();
  if (!quiet) {
    choose(name);
    phone.node.scrollIntoView({ behavior: "smooth", block: "nearest", inline: "nearest" });
  }
  keep();
  showPeople();
  return phone;
}

function go(name, page) {
  const { frame } = phones.get(name);
  if (!frame.src) {
    frame.src = `/mini/?as=${encodeURIComponent(name)}#/${page}`;
  } else if (whereIs(name) === page) reopen(name);
  else frame.contentWindow.location.hash = "#/" + page;
}

/** Load the page that is open anew. */
export function reopen(name) {
  const { frame } = phones.get(name);
  if (frame.src) frame.contentWindow.dispatchEvent(new HashChangeEvent("hashchange"));
}

/** After the clock moved: what is shown may be out of date; forms being filled in stay. */
export function reopenAll() {
  for (const name of phones.keys()) {
    if (!/pages\/(object|data)\//.test(whereIs(name))) reopen(name);
  }
}

/** Scan a code of the wall with a person's phone. */
export function scan(name, code) {
  const q = encodeURIComponent(code.text);
  const time = Math.floor(now() / 1000);
  openPhone(name, { tab: "mini", page: `${HOME}?q=${q}&scancode_time=${time}` });
}

function askToScan(name) {
  choose(name);
  const wall = $("wall");
  wall.scrollIntoView({ block: "nearest", behavior: "smooth" });
  wall.classList.add("calls");
  setTimeout(() => wall.classList.remove("calls"), 1600);
  toast(`点墙上的一个二维码，${split(name).name}的手机就会扫它`);
}

function putAway(name) {
  phones.get(name).node.remove();
  phones.delete(name);
  if (active === name) active = [...phones.keys()].at(-1) || null;
  keep();
  showPeople();
}

function choose(name) {
  if (active === name) return;
  active = name;
  for (const [other, phone] of phones) phone.node.classList.toggle("active", other === name);
  document.dispatchEvent(new Event("phone-chosen"));
}

function chip(one) {
  const { name: called, office } = split(one.name);
  const fresh = unread(one.name);
  const button = el("button", { type: "button", className: "chip", dataset: { person: one.name },
    aria: { pressed: phones.has(one.name) }, onclick: () => openPhone(one.name) },
    face(one.name), el("span", {}, called, office && !phones.has(one.name) ? el("small", {}, " " + office.replace("业委会", "")) : null),
    fresh ? el("span", { className: "count", aria: { label: `${fresh} 条新消息` } }, String(fresh)) : null);
  return button;
}

/** Residents first, then owners, the committee, the manager; whoever was added comes last. */
function rank(name) {
  const place = [/ 住户$/, /业主$/, /业委会/, /物业/].findIndex(office => office.test(name));
  return place < 0 ? 9 : place;
}

let drawn = "";
function showPeople() {
  for (const [name, phone] of phones) {
    if (phone.tab === "chat") seen[name] = messagesOf(name).at(-1)?.id || seen[name] || 0;
    const fresh = unread(name);
    phone.count.hidden = !fresh;
    phone.count.textContent = fresh ? String(fresh) : "";
    phone.count.setAttribute("aria-label", `${fresh} 条新消息`);
  }
  localStorage.setItem(KEPT + "-seen", JSON.stringify(seen));
  const state = JSON.stringify(world.people.map(one => [one.name, unread(one.name), phones.has(one.name)]));
  if (state === drawn) return;
  drawn = state;
  const held = document.activeElement?.dataset.person;
  const open = $("others")?.open;
  const near = world.people.filter(one => !OFFICES.test(one.name));
  near.sort((a, b) => rank(a.name) - rank(b.name));
  const others = world.people.filter(one => OFFICES.test(one.name));
  const add = el("form", { className: "row", onsubmit: addPerson },
    el("input", { className: "grow", name: "name", placeholder: "新人姓名", maxLength: 50, required: true, aria: { label: "新人姓名" } }),
    el("input", { className: "grow", name: "phone", placeholder: "手机号（可不填）", maxLength: 20, aria: { label: "手机号" } }),
    el("button", { className: "main" }, "添加"));
  const menu = el("details", { className: "menu", id: "others", open },
    el("summary", {}, near.length ? "更多人…" : "添加一个人…"),
    el("div", { className: "sheet" }, el("div", { className: "chips" }, others.map(chip)), add,
      el("p", { className: "soft" }, "名册里业主的手机号可以在小程序里认证，例如 2栋1单元101 的 19900000289。")));
  $("people").replaceChildren(el("div", { className: "line" }, near.map(chip)), menu);
  if (held) [...$("people").querySelectorAll("button")].find(one => one.dataset.person === held)?.focus();
}

async function addPerson(event) {
  event.preventDefault();
  const form = event.target;
  const name = form.name.value.trim();
  if (!name) return;
  const body = form.phone.value.trim() ? { name, phone: form.phone.value.trim() } : { name };
  if (await act("POST", "/people", body)) {
    $("others").open = false;
    openPhone(name, { tab: "mini" });
  }
}

/** The phones that were open last time, else one of each kind of person. */
export function openFirst() {
  for (const one of world.messages) {
    if (!visited && Date.parse(one.at) < now() - OLD_MILLISECONDS) seen[one.person] = one.id;
  }
  const kept = JSON.parse(localStorage.getItem(KEPT + "-open") || "null");
  const names = new Set(world.people.map(one => one.name));
  const last = (kept || []).filter(one => names.has(one.name));
  if (last.length) for (const one of last) openPhone(one.name, { tab: one.tab, quiet: true });
  else for (const office of FIRST) if (person(office)) openPhone(person(office), { tab: "mini", quiet: true });
  const first = phones.keys().next().value;
  if (first) choose(first);
}

listen(() => {
  for (const phone of phones.values()) phone.chat.update();
  showPeople();
});
