// What the page knows of the emulator, and how it hears of news.

import { ask, toast } from "./base.js";

export const world = {
  people: [], messages: [], pushes: new Map(), codes: [], skew: 0, settable: true, url: null,
};

const listeners = new Set();
export const listen = listener => listeners.add(listener);
/** The emulator's time in milliseconds. */
export const now = () => Date.now() + world.skew;

let before = "";
let failing = false;

/** Ask for news; listeners hear of it only when there is some. */
export async function refresh() {
  const last = world.messages.at(-1)?.id || 0;
  const logged = [...world.pushes.keys()].sort((a, b) => a - b);
  const after = logged.length > 20 ? logged[logged.length - 20] : 0;
  try {
    const [people, messages, pushes, clock] = await Promise.all([ask("GET", "/people"),
      ask("GET", "/messages?after=" + last), ask("GET", "/callbacks?after=" + after), ask("GET", "/clock")]);
    failing = false;
    world.people = people.people;
    const known = new Set(world.messages.map(one => one.id));
    world.messages.push(...messages.messages.filter(one => !known.has(one.id)));
    for (const push of pushes.callbacks) world.pushes.set(push.id, push);
    const skew = Date.parse(clock.now) - Date.now();
    const moved = Math.abs(skew - world.skew) > 30_000;
    Object.assign(world, { skew, settable: clock.settable, url: pushes.url });
    const after_ = JSON.stringify([people, pushes, world.messages.length]);
    if (after_ !== before || moved) {
      before = after_;
      for (const listener of listeners) listener({ moved });
    }
  } catch (error) {
    if (!failing) toast("连不上沙箱：" + error.message);
    failing = true;
  }
}

export async function loadWall() {
  world.codes = (await ask("GET", "/wall")).codes;
}

/** One thing to do at the emulator, then news; failures become a toast. */
export async function act(method, path, body) {
  try {
    const answer = await ask(method, path, body);
    await refresh();
    return answer;
  } catch (error) {
    toast(error.message);
    return null;
  }
}
