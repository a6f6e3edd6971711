// What scanning flows share: scans that survive a lost connection, sound and colour, and the field that a scanner types into.

import { ahead, ask, measure } from "./device_clock.js";

// A key for one scan, for ever. crypto.randomUUID is there on https only.
export const newKey = () => {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};

// Whether this page is the one that the device has kept, because nothing answered when it was loaded.
export const wasKept = document.documentElement.hasAttribute("data-kept");
// Browsers keep pages on https only, and on the machine itself.
const keepPage = async () => {
  if (!navigator.serviceWorker || wasKept) return;
  await navigator.serviceWorker.register("/scan/worker.js", { scope: "/" });
  const { active } = await navigator.serviceWorker.ready;
  const files = performance.getEntriesByType("resource").map((each) => each.name);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => document.documentElement.setAttribute("data-keeps", "");
  active.postMessage({ address: window.location.href.split("#")[0], files }, [port2]);
};
addEventListener("load", () => keepPage().catch(() => {}));

// Scans tell how the clock of this device stands.
if (!wasKept) ask();
addEventListener("online", ask);

// What the server said since a page was loaded, for when the page is loaded again and nothing answers; forgotten when it does.
const SAID = `orderwerk-said.${window.location.pathname}`;
export const DAY = 86_400_000;
export const WEEK = 7 * DAY;
// What is kept under a name; nothing where it is not, or is none of ours.
export const stored = (name, where = localStorage) => {
  try {
    return JSON.parse(where.getItem(name)) ?? {};
  } catch {
    return {};
  }
};
// Forgets what of a kind is older than it may be.
export const forgetOld = (kind, life) => {
  for (const name of Object.keys(localStorage).filter((each) => each.startsWith(kind))) {
    if (!(stored(name).at > Date.now() - life)) localStorage.removeItem(name);
  }
};
forgetOld("orderwerk-said.", DAY);
if (!wasKept) localStorage.removeItem(SAID);
export const said = () => stored(SAID);
// Stores what makes a page that is loaded again nicer, and goes on where the browser stores nothing more.
export const store = (name, what, where = localStorage) => {
  try {
    where.setItem(name, JSON.stringify(what));
    return true;
  } catch {
    // It is full: a page that is loaded again knows less.
    return false;
  }
};
export const note = (what) => store(SAID, { ...said(), ...what, at: Date.now() });
// What to say where a scan could not be kept, and so did not happen.
export const full = () => document.querySelector("[data-full]")?.dataset.full ?? "";

// A refused code as it is kept in the history: the separator of GS1 codes, which no text may hold, by the sign for it.
export const legible = (text) => String(text ?? "").replace(/\u001d/g, "\u241d").slice(0, 200);

const kept = (name) => {
  try {
    const found = JSON.parse(localStorage.getItem(name) ?? "[]");
    return Array.isArray(found) ? found.filter((each) => each && typeof each === "object") : [];
  } catch {
    return [];
  }
};
const keep = (name, what) => {
  if (what.length) localStorage.setItem(name, JSON.stringify(what));
  else localStorage.removeItem(name);
};

// A clock that was set back by more is seen by the server; and what was made with a clock that was days ahead is no measure of others.
const SET_BACK = 3_600_000;
// The moment of a scan by this device's clock (`at`), and how far the server's was ahead, if that is known (`off`). By the server's
// clock none is before another that this device still keeps, on whichever page it was made: a clock that is set turns no order around.
export const moment = () => {
  const off = ahead();
  const known = Object.keys(localStorage).filter((name) => name.startsWith("orderwerk.")).flatMap(kept);
  const now = Date.now() + (off ?? 0);
  const before = known.map((each) => Date.parse(each.at) + (each.off ?? 0)).filter((each) => each < now + SET_BACK);
  const theirs = before.reduce((last, each) => Math.max(last, each), now);
  return { at: new Date(theirs - (off ?? 0)).toISOString(), off };
};

// Scans that the server will not take as they are, each with what it said: they block nothing, and wait for somebody who looks.
const ASIDE = "orderwerk.aside";
export const aside = () => kept(ASIDE).filter((each) => typeof each.name === "string" && each.scan);
export const forget = (key) => keep(ASIDE, aside().filter((each) => each.scan.key !== key));
// False where the browser stores nothing more: it stays set aside.
export const retry = ({ name, scan }) => {
  try {
    keep(name, [...kept(name), scan]);
  } catch {
    return false;
  }
  forget(scan.key);
  return true;
};

// Why scans wait: no connection, a login that is over, or one that may not do this here.
const WHY = { 401: "login", 403: "place", 404: "place" };
const REFUSED = [400, 409, 413, 422];
// Nothing answered, or what did was too busy: it goes in a moment.
const AWAY = [502, 503, 504];
// A request that hangs is given up, and sent again under the same keys.
const LONGEST = 60_000;
class Kept extends Error {
  constructor(why) {
    super(why);
    this.why = why;
  }
}
class Away extends Error {}

// Keeps scans on the device until the server has answered each of them; they are sent in their order, oldest first.
// The server knows every scan by its key, so sending one again does nothing. `told.offline` says why they wait, "no" if they do not.
// `before`: the queues whose scans have to be there first; they are sent first in every try, and where they find no connection this
// one waits too. What they keep for another login holds nobody back.
export class ScanQueue {
  constructor(name, address, token, tell, before = []) {
    Object.assign(this, { name, address, token, tell, before, running: null, away: false, pause: 0, heard: !wasKept });
    addEventListener("online", () => {
      this.heard = true;
      this.send();
    });
    addEventListener("pagehide", () => clearTimeout(this.timer));
  }

  get waiting() {
    return kept(this.name);
  }

  set waiting(scans) {
    keep(this.name, scans);
  }

  // False where the browser stores nothing more: it did not happen, and whoever scans has to be told. What is not of now has its own `at`
  // and `off`.
  add(scan) {
    try {
      this.waiting = [...this.waiting, { ...moment(), ...scan, key: newKey() }];
    } catch {
      return false;
    }
    this.tell({ waiting: this.waiting.length, offline: "no" });
    this.send();
    return true;
  }

  // One try at a time: who asks meanwhile waits for the one that is under way.
  send() {
    this.running ??= this.run();
    return this.running;
  }

  async run() {
    clearTimeout(this.timer);
    await Promise.allSettled(this.before.map((each) => each.send()));
    try {
      while (this.waiting.length) {
        if (this.before.some((each) => each.away)) throw new Away();
        await this.sendSome(this.waiting.slice(0, 50));
      }
      [this.pause, this.away] = [0, false];
      this.tell({ waiting: 0, offline: this.heard ? "no" : "yes" });
    } catch (problem) {
      // The scans stay here and are tried again, also by whoever logs in next.
      this.away = problem instanceof Away;
      this.pause = Math.min(15000, this.pause * 2 || 1000);
      this.timer = setTimeout(() => this.send(), this.pause);
      this.tell({ waiting: this.waiting.length, offline: problem instanceof Kept ? problem.why : "yes" });
    } finally {
      this.running = null;
    }
  }

  async sendSome(scans) {
    const began = new Date();
    const asked = fetch(this.address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
      // With how the clock of this device stands, by which the server knows how long ago each was.
      body: JSON.stringify({ scans, now: began.toISOString() }),
      redirect: "manual",
      // Older browsers have no such limit.
      signal: AbortSignal.timeout?.(LONGEST),
    });
    const answer = await asked.catch((problem) => {
      // Who is slow with these may answer others.
      throw problem.name === "TimeoutError" ? problem : new Away();
    });
    this.heard = true;
    measure(answer, began.getTime());
    if (AWAY.includes(answer.status)) throw new Away();
    // Who is not logged in any more is sent to the login.
    if (answer.type === "opaqueredirect") throw new Kept("login");
    if (answer.status in WHY) throw new Kept(WHY[answer.status]);
    if (REFUSED.includes(answer.status)) return this.refused(scans, answer);
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    // Who hears of one that was refused has to know which it was.
    for (const result of told.results) result.scan = scans.find((scan) => scan.key === result.key);
    const answered = new Set(told.results.map((result) => result.key));
    if (!scans.some((scan) => answered.has(scan.key))) return this.refused(scans, null);
    this.waiting = this.waiting.filter((scan) => !answered.has(scan.key));
    return this.tell({ ...told, waiting: this.waiting.length, offline: "no" });
  }

  // Of many that are refused together one may be the reason: each is sent by itself, and that one is set aside.
  async refused(scans, answer) {
    if (scans.length > 1) {
      for (const scan of scans) await this.sendSome([scan]);
      return;
    }
    const said = await answer?.json().catch(() => null);
    const text = said?.text || document.querySelector("[data-refused]")?.dataset.refused || "";
    const [scan] = scans;
    const told = { results: [{ key: scan.key, ok: false, text }], aside: scan, offline: "no" };
    // Out of the way first, whatever becomes of it: that makes room too.
    this.waiting = this.waiting.filter((each) => each.key !== scan.key);
    try {
      keep(ASIDE, [...aside(), { name: this.name, scan, text }]);
    } catch {
      // Nobody will find it on the page Scan: it is told here, or never.
      told.results[0].text = [said?.text, full()].filter(Boolean).join(" ");
      told.isLost = true;
    }
    this.tell({ ...told, waiting: this.waiting.length });
  }
}

// Good is short and high, bad is long and low: to be told apart without looking.
let speaker = null;
export const sound = (good) => {
  // Nothing is felt before somebody touched the page: browsers refuse it, loudly.
  if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.(good ? 40 : [120, 60, 120]);
  try {
    speaker ??= new AudioContext();
    const [tone, volume] = [speaker.createOscillator(), speaker.createGain()];
    tone.frequency.value = good ? 1200 : 190;
    tone.type = good ? "sine" : "square";
    volume.gain.value = 0.12;
    tone.connect(volume).connect(speaker.destination);
    tone.start();
    tone.stop(speaker.currentTime + (good ? 0.08 : 0.45));
  } catch {
    // A browser without sound still has colour.
  }
};

// What is scanned next overwrites it only where a page has no other place for it.
const unheard = (text) => {
  const line = document.createElement("p");
  const place = document.querySelector("#left-unsent");
  (place?.appendChild(line) ?? document.querySelector("#said")).textContent = text;
  if (!place) document.querySelector("#scan").dataset.tone = "bad";
  sound(false);
};

// A scanner is a keyboard that types and presses Enter: the field keeps the focus, whatever was touched before.
export const listen = (form, field, take) => {
  const wait = () => {
    if (!document.querySelector("dialog[open]")) field.focus({ preventScroll: true });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // Some scanners send signs that nobody sees; the separator of GS1 codes is one that means something.
    const code = field.value.replace(/(?!\u001d)\p{C}/gu, "").trim();
    field.value = "";
    if (code) take(code);
  });
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("label")?.control ?? event.target;
    // A choice that was tapped is made, and the next thing is scanned; with the keyboard people go on choosing.
    if (chosen.type === "radio") return event.detail ? setTimeout(wait) : undefined;
    return event.target.closest("input, select, a, dialog") ? undefined : wait();
  });
  wait();
  // What was scanned while the page still loaded, once the page has seen to everything else.
  const early = window.orderwerkEarly?.() ?? { codes: [], text: "", lost: "" };
  field.value = early.text || field.value;
  queueMicrotask(() => {
    for (const code of early.codes) take(code);
    if (early.lost) unheard(early.lost);
  });
  return wait;
};

export const same = (one, other) => {
  const plain = (text) => String(text ?? "").replace(/\p{C}/gu, "").trim().toLowerCase();
  // A GTIN may be written with or without its leading zeros.
  const bare = (text) => (/^\d+$/.test(plain(text)) ? plain(text).replace(/^0+/, "") : plain(text));
  return bare(one) !== "" && bare(one) === bare(other);
};
