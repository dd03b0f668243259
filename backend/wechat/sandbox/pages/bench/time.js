// The clock in the header: steps forward, and the moments worth jumping to.

import { $, clockLabel, el, parts, toast } from "./base.js";
import { reopenAll } from "./phones.js";
import { liftOf } from "./wall.js";
import { act, listen, now, world } from "./world.js";

const SWEEP_MILLISECONDS = 2_500; // periodic jobs look every few seconds

export function tick() {
  const p = parts(new Date(now()));
  $("now").replaceChildren(el("b", {}, `${p.year}年${p.month}月${p.day}日 ${p.hour}:${p.minute}`), el("small", {}, p.weekday));
}

async function move(method, path, body) {
  $("jump").open = false;
  if (await act(method, path, body)) toast(`现在是 ${clockLabel(new Date(now()).toISOString())}`);
}

export const jumpTo = iso => move("PUT", "/clock", { now: iso });

/** What the wall's lifts have ahead: the end of a notice, the first day of a cover. */
async function ahead() {
  const found = new Map();
  for (const code of world.codes) {
    const lift = await liftOf(code);
    for (const notice of lift?.notices || []) {
      const end = Date.parse(notice.ends_before);
      const place = lift.lift.building;
      found.set(end - 8 * 3600e3, `${place}公示最后一天下午（该拍结束照片）`);
      found.set(end, `${place}公示结束`);
    }
    if (lift?.upcoming) found.set(Date.parse(lift.upcoming.starts_on + "T08:00:00+08:00"), `${lift.lift.building}保障生效`);
  }
  return [...found].filter(([at]) => at > now()).sort(([a], [b]) => a - b);
}

async function showMoments() {
  const moments = await ahead();
  $("moments").replaceChildren(...moments.map(([at, words]) => el("li", {},
    el("button", { onclick: () => jumpTo(new Date(at).toISOString()) }, words,
      el("small", {}, clockLabel(new Date(at).toISOString(), false))))));
  if (!moments.length) $("moments").replaceChildren(el("li", { className: "soft" }, "眼下没有正在走的期限。"));
}

export function startClock() {
  for (const button of document.querySelectorAll("[data-step]")) {
    button.onclick = () => move("POST", "/clock/advance", JSON.parse(button.dataset.step));
  }
  $("morning").onclick = () => move("POST", "/clock/working-morning");
  $("set").onclick = () => $("moment").value ? jumpTo($("moment").value + ":00+08:00") : toast("先选日期和时间");
  $("real").onclick = () => jumpTo(new Date().toISOString());
  $("jump").ontoggle = () => { if ($("jump").open) showMoments(); };
  setInterval(tick, 1000);
}

listen(({ moved }) => {
  for (const one of document.querySelectorAll("#steps button, #steps input")) one.disabled = !world.settable;
  tick();
  if (moved) setTimeout(reopenAll, SWEEP_MILLISECONDS);
});
