// The codes on the wall: each is scanned with the phone that is in hand.

import { $, el, send, split } from "./base.js";
import { cases } from "./desk.js";
import { activePhone, scan } from "./phones.js";
import { listen, world } from "./world.js";

/** The code whose note says this. */
export const codeOf = note => world.codes.find(code => code.note.includes(note));

const PAUSE_MILLISECONDS = 3_000; // periodic jobs look every few seconds
let hinted = null;
const statuses = new Map();

/** What each code's lift shows now; the note of the wall is how it was at first. */
async function lookAgain() {
  for (const code of world.codes) {
    const lift = await liftOf(code);
    const words = lift?.covered ? "已有保障" : lift?.upcoming ? "保单已出具" : lift?.notices[0]?.state_name
      || cases.list.find(one => code.title.startsWith(one.lifts[0]?.building))?.state_name;
    if (words) statuses.set(code, words);
    else statuses.delete(code);
  }
  showWall();
}

const nobodys = new Set();
/** What everybody sees of the lift behind a code, or null. A code that failed is not tried again. */
export async function liftOf(code) {
  if (nobodys.has(code)) return null;
  try {
    return await send("GET", "/api/v1/public/lifts/" + code.text.split("/e/")[1]);
  } catch (error) {
    if (error.status === 404) nobodys.add(code);
    return null;
  }
}

/** Point at the code whose note says this, or at none. */
export function hint(note) {
  hinted = note ? codeOf(note) : null;
  showWall();
}

function picture(code) {
  const holder = el("span", { className: "qr", aria: { hidden: true } });
  holder.innerHTML = code.svg; // drawn by the emulator itself
  return holder;
}

export function showWall() {
  const name = activePhone();
  const cards = world.codes.map(code => el("button", { type: "button", className: code === hinted ? "code hint" : "code",
    onclick: () => scan(activePhone(), code) },
    picture(code), el("b", {}, code.title.split(" ").flatMap((line, index) => index ? [el("br"), line] : [line])),
    el("span", { className: "soft" }, statuses.get(code) || code.note)));
  const words = name ? ["点一个码，用", el("b", {}, split(name).name), "的手机扫它"] : ["先打开一部手机，再点一个码"];
  $("wall").replaceChildren(el("h2", {}, "墙上的二维码"), el("p", { className: "soft" }, ...words),
    cards.length ? el("div", { className: "codes" }, cards)
      : el("p", { className: "soft" }, "还没有码。make run 的演示小区会挂上几张；PUT /sandbox/wall 可以换。"));
  for (const card of cards) card.disabled = !name;
}

document.addEventListener("phone-chosen", showWall);
let soon;
listen(() => { clearTimeout(soon); soon = setTimeout(lookAgain, PAUSE_MILLISECONDS); });
