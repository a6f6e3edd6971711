// What scanning between the dock and the shelves shares: what this device knows of the location, and how it asks for more.
import { gs1 } from "./gs1.js";
import { addresses, leftUnsent } from "./left_unsent.js";
import { DAY, ScanQueue, forgetOld, full, legible, listen, note, said, same, sound, store, stored, wasKept } from "./scans.js";

export const one = (selector) => document.querySelector(selector);
export const floor = JSON.parse(one("#floor").textContent);
export const page = one("#scan");
export const words = floor.words;

// {n} and the like stand for values in a sentence.
export const put = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

export const say = (text, tone) => {
  page.dataset.tone = tone;
  one("#said").textContent = text;
  if (tone !== "idle") sound(tone === "good");
};

const articles = new Map(floor.articles.map((article) => [article.sku, article]));
// A page that was kept knows less than what was booked on this device since.
if (wasKept) {
  for (const article of Object.values(said().articles ?? {})) articles.set(article.sku, article);
  if (floor.inbound) Object.assign(floor.inbound.lines, said().lines?.[floor.inbound.number]);
}
const remember = (...changed) => {
  const them = { ...said().articles, ...Object.fromEntries(changed.map((article) => [article.sku, article])) };
  note({ articles: them, lines: { ...said().lines, ...(floor.inbound && { [floor.inbound.number]: floor.inbound.lines }) } });
};
export const articleOf = (sku) => articles.get(sku) ?? { sku, name: sku, codes: [sku], at: {}, byLot: false, lots: {} };
export const allArticles = () => [...articles.values()];
export const binOf = (code) => floor.bins.find((bin) => same(bin, code)) ?? null;
export const freeIn = (article, bin, lot = null) => (lot ? article.lots[lot]?.at : article.at)?.[bin]?.[1] ?? 0;
export const lotsIn = (article, bin) => Object.keys(article.lots).filter((lot) => article.lots[lot].at[bin]?.[0]);

// What a scan says beside the article: a GS1 code names its lot and day too.
export const read = (code) => gs1(code) ?? { gtin: "", lot: "", until: "" };
// The lot that a scan means: of a GS1 code what stands in it, else the text itself.
export const lotOf = (code) => (gs1(code) ? gs1(code).lot : code.replace(/\p{C}/gu, "").slice(0, 60));

// What was booked is seen at once; the server's figures follow when it has heard of all of it.
const heap = (at, bin, pieces) => {
  const [lies, free] = at[bin] ?? [0, 0];
  at[bin] = [Math.max(0, lies + pieces), Math.max(0, free + pieces)];
};
export const lay = (article, bin, pieces, lot = null, until = "") => {
  heap(article.at, bin, pieces);
  if (lot) heap((article.lots[lot] ??= { until, at: {} }).at, bin, pieces);
  remember(article);
};

let redraw = () => {};
// A parcel leaves when its pieces were picked, and counts are the truth of what was picked and packed before them.
const picked = leftUnsent("orderwerk.scans.", addresses.lists, page.dataset.token);
const before = [...picked, ...leftUnsent("orderwerk.packed.", addresses.parcels, page.dataset.token, picked)];
// One queue for the whole device, so that goods are put away after they were received, whichever page is open.
const queue = new ScanQueue("orderwerk.stock", floor.address, page.dataset.token, (told) => {
  if (!queue.waiting.length) {
    const heard = told.articles?.[floor.location] ?? [];
    for (const article of heard) articles.set(article.sku, article);
    if (heard.length) remember(...heard);
  }
  for (const result of told.results ?? []) if (!result.ok) say(result.text, "bad");
  // What the server does not take at all was seen as booked: its article is read again.
  if (told.aside?.sku) {
    articles.delete(told.aside.sku);
    find(told.aside.sku).then(() => redraw());
  }
  page.dataset.offline = told.offline;
  one("#waiting").textContent = told.waiting ? put(words.waiting, { n: told.waiting }) : "";
  redraw();
}, before);

const send = (scan) => queue.add({ flow: floor.flow, location: floor.location, ...scan });
// False, and said, where the device could not keep it: then it did not happen.
export const deed = (article, quantity, fields) => {
  const done = send({ sku: article.sku, quantity, ...fields });
  if (!done) say(full(), "bad");
  return done;
};

export const refuse = (text, step, code, expected = "") => {
  say(text, "bad");
  send({ step, code: legible(code), expected: legible(expected) });
};

// The article that a code means: what this device knows, then what the server knows. Undefined: no connection to ask.
export const find = async (scanned) => {
  const code = gs1(scanned)?.gtin || scanned;
  const known = allArticles().find((article) => article.codes.some((each) => same(each, code)));
  if (known) return known;
  try {
    const answer = await fetch(`${floor.find}?code=${encodeURIComponent(code)}`, { redirect: "error" });
    if (!answer.ok) return undefined;
    const { article } = await answer.json();
    if (article) articles.set(article.sku, article);
    return article;
  } catch {
    return undefined;
  }
};

// What is in somebody's hands survives a reload and a closed tab: it is not booked yet. It is theirs alone, and belongs to the papers
// that it was scanned against. It is forgotten after a day: by then somebody else has long dealt with it.
forgetOld("orderwerk.hands.", DAY);
const kept = ["orderwerk.hands", floor.flow, document.documentElement.dataset.person, floor.location, floor.inbound?.number ?? ""].join(".");
let [none, held] = [{}, ""];
const inHand = () => {
  const { at, ...found } = { ...stored(kept, sessionStorage), ...stored(kept) };
  return { ...JSON.parse(JSON.stringify(none)), ...found };
};
export const hands = (empty) => {
  none = empty;
  const state = inHand();
  held = JSON.stringify(state);
  return state;
};
const hold = (state) => {
  const now = JSON.stringify(state);
  if (now === held) return;
  held = now;
  sessionStorage.removeItem(kept);
  const what = { ...state, at: Date.now() };
  if (now !== JSON.stringify(none) && store(kept, what)) return;
  localStorage.removeItem(kept);
  // A device that is full has room for one tab still.
  if (now !== JSON.stringify(none)) store(kept, what, sessionStorage);
};

const amount = one("#amount");
export const show = ({ bin = "", to = "", article = null, pieces = null, lot = "", until = "", asks, wanted }) => {
  const day = until ? put(words.until, { day: until }) : "";
  one("#lot").textContent = lot ? [put(words.of_lot, { lot }), day].filter(Boolean).join(" · ") : "";
  page.dataset.asks = asks;
  one("#bin").textContent = bin;
  one("#bin").parentElement.hidden = !bin;
  one("#to").textContent = to;
  one("#to").parentElement.hidden = !article && !to;
  one("#name").textContent = article?.name ?? "";
  one("#sku").textContent = article?.sku ?? "";
  one("#count").hidden = pieces === null;
  if (pieces !== null && document.activeElement !== amount) amount.value = String(pieces);
  one("#wanted").textContent = wanted;
};

export const list = (rows, empty = "") => {
  const nothing = document.createElement("li");
  nothing.className = "muted";
  nothing.textContent = empty;
  const made = rows.slice(0, 200).map(({ name, detail, count, done }) => {
    const row = document.createElement("li");
    row.classList.toggle("is-done", Boolean(done));
    const text = document.createElement("span");
    text.className = "two-line";
    for (const [words_, look] of [[name, "strong"], [detail, "muted small"]]) {
      const line = document.createElement("span");
      line.className = look;
      line.textContent = words_;
      text.append(line);
    }
    const number = document.createElement("span");
    number.className = "pack-count";
    number.textContent = count;
    row.append(text, number);
    return row;
  });
  one("#todo").replaceChildren(...(made.length || !empty ? made : [nothing]));
};

// Codes are taken one after the other, also while one of them is looked up.
let line = Promise.resolve();
export const start = ({ state, take, draw, edit }) => {
  redraw = () => {
    hold(state);
    draw();
  };
  // One that fails is told, and the next one is taken.
  const failed = (problem, code) => {
    console.error(problem);
    say(put(words.failed, { code }), "bad");
  };
  const next = (code) => { line = line.then(() => take(code)).then(redraw).catch((problem) => failed(problem, code)); };
  const wait = listen(one("#scan-form"), one("#code"), next);
  amount.addEventListener("change", () => {
    const text = amount.value.trim();
    amount.value = "";
    wait();
    // Who scans while the number has the focus means the code.
    if (text.length > 6) next(text);
    else if (/^\d+$/.test(text)) edit(Number(text));
    else if (text) say(put(words.not_number, { text }), "bad");
    redraw();
  });
  amount.form.addEventListener("submit", (event) => { event.preventDefault(); amount.blur(); });
  // What was booked in another tab of this device is in nobody's hands any more.
  const again = () => {
    Object.assign(state, inHand());
    held = JSON.stringify(state);
    draw();
  };
  addEventListener("storage", (event) => { if (event.key === kept) again(); });
  addEventListener("pageshow", (event) => { if (event.persisted) again(); });
  say("", "idle");
  redraw();
  queue.send();
  return { redraw, wait };
};
