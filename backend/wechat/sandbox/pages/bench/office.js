// Signs in the people of the offices and lets them act through the API, as their own programs would.

import { ask, of, send } from "./base.js";
import { world } from "./world.js";

const tokens = new Map();

export const officer = office => world.people.find(one => one.name.endsWith(" " + office))?.name;

async function token(name) {
  if (!tokens.has(name)) {
    const { code } = await ask("POST", of(name) + "/login-code");
    tokens.set(name, (await send("POST", "/api/v1/sessions", { code })).token);
  }
  return tokens.get(name);
}

/** One request to the API as the holder of this office. */
export async function as(office, method, path, body) {
  const name = officer(office);
  const headers = { Authorization: "Bearer " + await token(name) };
  const proof = { ...headers };
  if (method !== "GET") headers["Idempotency-Key"] = crypto.randomUUID();
  const again = () => send(method, "/api/v1" + path, body, headers);
  try {
    return await again();
  } catch (error) {
    if (error.code === "second_factor_needed") { // enrolled at the desk: the same phone has the authenticator
      await send("POST", "/api/v1/me/second-factor", await ask("POST", of(name) + "/authenticator-code"), proof);
      return again();
    }
    tokens.delete(name);
    throw error;
  }
}

/** Upload a file made here; its SHA-256. */
export async function upload(office, blob, name) {
  const form = new FormData();
  form.append("file", blob, name);
  const headers = { Authorization: "Bearer " + await token(officer(office)), "Idempotency-Key": crypto.randomUUID() };
  const response = await fetch("/api/v1/uploads", { method: "POST", body: form, headers });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.errors.map(one => one.message).join("；"));
  return answer.sha256;
}

/** A paper with these words, as a PDF of one page; the number makes each another file. */
export function paper(words) {
  const drawn = `BT /F1 18 Tf 60 760 Td (${words} ${crypto.randomUUID()}) Tj ET`;
  const objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return String(at).padStart(10, "0") + " 00000 n \n";
  });
  const start = text.length;
  text += `xref\n0 6\n0000000000 65535 f \n${places.join("")}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return new Blob([text], { type: "application/pdf" });
}

/** A photo of a posted notice, drawn; no two are alike. */
export function photo(words) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 960, height: 720 });
  const pen = canvas.getContext("2d");
  const any = (low, high) => low + Math.random() * (high - low);
  pen.fillStyle = `hsl(${any(0, 360)} 14% 78%)`;
  pen.fillRect(0, 0, 960, 720);
  for (let left = 0; left < 5; left += 1) {
    pen.fillStyle = `hsl(40 20% ${any(35, 95)}% / .45)`;
    pen.beginPath();
    pen.ellipse(any(0, 960), any(0, 720), any(120, 360), any(120, 360), 0, 0, 7);
    pen.fill();
  }
  const x = any(80, 420);
  pen.fillStyle = "#fcfcfa";
  pen.fillRect(x, 90, 440, 560);
  pen.fillStyle = "#0b6e6e";
  pen.fillRect(x + 40, 130, 360, 50);
  pen.fillStyle = "#222";
  pen.font = "26px sans-serif";
  pen.fillText(words, x + 40, 240, 360);
  return new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", 0.85));
}
