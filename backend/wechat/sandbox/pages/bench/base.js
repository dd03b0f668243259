// Small tools for every part of the page: elements, requests, times, faces.

export const $ = id => document.getElementById(id);

export function el(tag, options = {}, ...children) {
  const { dataset, aria, ...rest } = options;
  const node = Object.assign(document.createElement(tag), rest);
  Object.assign(node.dataset, dataset);
  for (const [name, value] of Object.entries(aria || {})) node.setAttribute("aria-" + name, value);
  node.append(...children.flat().filter(child => child !== null && child !== undefined));
  return node;
}

const COLOURS = ["#2f6f9f", "#8a4f9e", "#a8502a", "#35734f", "#a03d62", "#5660a8", "#75651c"];

export function face(name, colour) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  const node = el("span", { className: "face", aria: { hidden: true } }, [...name][0]);
  node.style.background = colour || COLOURS[sum % COLOURS.length];
  return node;
}

/** A line drawing of 20 by 20. */
export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [name, value] of [["viewBox", "0 0 20 20"], ["width", 20], ["height", 20], ["aria-hidden", "true"]]) svg.setAttribute(name, value);
  for (const [name, value] of [["d", path], ["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "1.8"], ["stroke-linecap", "round"]]) line.setAttribute(name, value);
  svg.append(line);
  return svg;
}

/** “姜示安 业委会主任” → name and office. */
export function split(shown) {
  const [name, ...office] = shown.split(" ");
  return { name, office: office.join(" ") };
}

let hiding;
export function toast(text) {
  $("toast").textContent = text;
  clearTimeout(hiding);
  hiding = setTimeout(() => { $("toast").textContent = ""; }, 6000);
}

/** One JSON request; throws an Error with our Chinese words. */
export async function send(method, url, body, headers = {}) {
  const options = { method, headers: { ...headers } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(url, options);
  const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (!response.ok) {
    const words = (answer.errors || []).map(error => error.message).join("；");
    throw Object.assign(new Error(words || `服务没有正常应答（${response.status}）`), { status: response.status, code: answer.errors?.[0]?.code });
  }
  return answer;
}

export const ask = (method, path, body) => send(method, "/sandbox" + path, body);
export const of = name => "/people/" + encodeURIComponent(name);

const beijing = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", year: "numeric",
  month: "numeric", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit",
  second: "2-digit", hourCycle: "h23" });

export function parts(moment) {
  return Object.fromEntries(beijing.formatToParts(moment).map(part => [part.type, part.value]));
}

/** The first moment too late, as people write it: midnight is 24:00 of the day that ends. */
export function endLabel(iso) {
  const p = parts(new Date(iso));
  if (p.hour !== "00" || p.minute !== "00") return clockLabel(iso, false);
  const day = parts(new Date(Date.parse(iso) - 1));
  return `${day.month}月${day.day}日 24:00`;
}

export function clockLabel(iso, year = true) {
  const p = parts(new Date(iso));
  return `${year ? p.year + "年" : ""}${p.month}月${p.day}日 ${p.hour}:${p.minute}`;
}
