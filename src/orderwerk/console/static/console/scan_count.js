// Counting with a scanner: a bin, then what lies in it. What the books say is not shown before it is counted.
import { allArticles, articleOf, binOf, deed, find, floor, hands, list, lotOf, lotsIn, one, put, read, refuse, say, show, start, words } from "./floor.js";
import { moment, same } from "./scans.js";

// What is counted is counted by article, or by article and lot where lots are kept: a key for both.
const keyOf = (sku, lot = "") => (lot ? `${sku}\t${lot}` : sku);
// `seen`: when its pieces were seen last; what moves between that and the closing of the bin is no mistake in the count.
// `booked`: what of the open bin was booked already, where the device could not keep all of it at once.
const nothing = () => ({ bin: null, counted: {}, seen: {}, booked: {}, sku: null, lot: "" });
const state = hands({ ...nothing(), wanted: null });
const done = [];

const byBooks = (bin) => allArticles().filter((article) => article.at[bin]?.[0]);
const asked = (bin) => floor.stops.filter((stop) => stop.bin === bin).map((stop) => articleOf(stop.sku));
const unseen = () => [...new Set([...byBooks(state.bin), ...asked(state.bin)])]
  .flatMap((article) => (article.byLot ? lotsIn(article, state.bin).map((lot) => ({ article, lot })) : [{ article, lot: "" }]))
  .filter(({ article, lot }) => !(keyOf(article.sku, lot) in state.counted));
const step = () => {
  if (!state.bin) return "bin";
  return state.sku && articleOf(state.sku).byLot && !state.lot ? "lot" : "article";
};

const count = (key, quantity) => {
  state.counted[key] = quantity;
  state.seen[key] = moment();
};

const book = (key, quantity) => {
  const [sku, lot = ""] = key.split("\t");
  const article = articleOf(sku);
  const { at, off } = state.seen[key] ?? moment();
  if (!deed(article, quantity, { bin: state.bin, ...(lot ? { lot } : {}), at, off })) return false;
  if (lot) {
    article.lots[lot].at[state.bin] = [quantity, quantity];
    const all = Object.values(article.lots).reduce((sum, each) => sum + (each.at[state.bin]?.[0] ?? 0), 0);
    article.at[state.bin] = [all, all];
  } else article.at[state.bin] = [quantity, quantity];
  floor.stops = floor.stops.filter((stop) => stop.bin !== state.bin || stop.sku !== sku);
  done.unshift({ name: article.name, detail: [sku, lot, state.bin].filter(Boolean).join(" · "), count: String(quantity), done: true });
  return true;
};

const open = (bin, text = words.good) => {
  Object.assign(state, nothing(), { bin });
  say(text, "good");
};

// What the device could not keep is still counted here: the bin stays open. Where another bin was scanned, that one is open next.
const close = (next) => {
  for (const [key, quantity] of Object.entries(state.counted)) {
    if (state.booked[key] === quantity) continue;
    if (!book(key, quantity)) return;
    state.booked[key] = quantity;
  }
  const text = put(words.counted, { bin: state.bin });
  if (next) open(next, text);
  else {
    Object.assign(state, nothing());
    say(text, "good");
  }
};

const leave = () => { Object.assign(state, nothing()); say("", "idle"); };

// What the books know and nobody scanned is asked for first: it may be gone, or is not counted now.
const finish = (next = "") => {
  const missing = unseen();
  if (!missing.length) return close(next);
  one("#unseen").replaceChildren(...missing.slice(0, 50).map(({ article, lot }) => {
    const row = document.createElement("li");
    row.textContent = `${article.name} (${[article.sku, lot].filter(Boolean).join(", ")})`;
    return row;
  }));
  one("#ask").dataset.next = next;
  one("#ask").showModal();
};

const add = (article, lot) => {
  const key = keyOf(article.sku, lot);
  count(key, (state.counted[key] ?? 0) + 1);
  Object.assign(state, { sku: article.sku, lot });
  say(words.good, "good");
};

const takeLot = (article, code) => {
  const lot = Object.keys(article.lots).find((each) => same(each, lotOf(code)));
  if (!lot) return refuse(put(words.new_lot, { lot: lotOf(code) || code }), "lot", code, article.sku);
  add(article, lot);
};

const takeBin = async (code) => {
  const bin = binOf(code);
  if (bin) return open(bin);
  const article = await find(code);
  if (article === undefined) return say(put(words.lost, { code }), "bad");
  if (!article) return refuse(put(words.unknown, { code }), "bin", code);
  const bins = Object.keys(article.at).filter((each) => article.at[each][0]);
  state.wanted = article.sku;
  say(bins.length ? put(words.go, { code: article.sku, bins: bins.slice(0, 8).join(", ") }) : put(words.lies_nowhere, { code: article.sku }), "good");
};

const take = async (code) => {
  if (!state.bin) return takeBin(code);
  if (step() === "lot") return takeLot(articleOf(state.sku), code);
  const bin = binOf(code);
  if (bin) return finish(bin === state.bin ? "" : bin);
  const article = await find(code);
  if (article === undefined) return say(put(words.lost, { code }), "bad");
  if (!article) return refuse(put(words.unknown, { code }), "article", code, state.bin);
  if (!article.byLot) return add(article, "");
  if (read(code).lot) return takeLot(article, code);
  // Pieces of the lot that was counted last, as far as the code tells.
  if (article.sku === state.sku && state.lot) return add(article, state.lot);
  const lots = lotsIn(article, state.bin);
  if (lots.length === 1 && Object.keys(article.lots).length === 1) return add(article, lots[0]);
  Object.assign(state, { sku: article.sku, lot: "" });
  say(words.good, "good");
};

const todo = () => {
  const of = state.wanted ? articleOf(state.wanted) : null;
  const bins = of ? Object.keys(of.at).filter((bin) => of.at[bin][0] && !done.some((row) => row.detail === `${of.sku} · ${bin}`)) : [];
  const rows = [...bins.map((bin) => ({ bin, sku: of.sku })), ...floor.stops.filter((stop) => stop.sku !== of?.sku)];
  return rows.map(({ bin, sku }) => ({ name: articleOf(sku).name, detail: sku, count: bin }));
};

const draw = () => {
  const article = state.sku ? articleOf(state.sku) : null;
  const pieces = article ? state.counted[keyOf(state.sku, state.lot)] ?? null : null;
  show({ bin: state.bin ?? "", article, pieces, lot: state.lot, until: article?.lots[state.lot]?.until ?? "", asks: step(), wanted: words[step()] });
  one("#book").hidden = !state.bin;
  one("#drop").hidden = !state.bin;
  const counted = Object.entries(state.counted).map(([key, n]) => ({ name: articleOf(key.split("\t")[0]).name, detail: key.replace("\t", " · "), count: String(n), done: true }));
  list(state.bin ? counted.reverse() : [...todo(), ...done], state.bin ? words.nothing : words.clear);
};

const { redraw, wait } = start({ state, take, draw, edit: (n) => { if (state.sku && step() === "article") count(keyOf(state.sku, state.lot), Math.min(n, 1000000)); } });
one("#book").addEventListener("click", () => { finish(); redraw(); wait(); });
one("#drop").addEventListener("click", () => { leave(); redraw(); wait(); });
one("#ask").addEventListener("close", () => {
  const [gone, { next }] = [one("#ask").returnValue, one("#ask").dataset];
  one("#ask").returnValue = "";
  if (gone === "gone") for (const { article, lot } of unseen()) count(keyOf(article.sku, lot), 0);
  if (gone === "gone" || gone === "later") {
    if (Object.keys(state.counted).length) close(next);
    else if (next) open(next);
    else { say(put(words.nothing_here, { bin: state.bin }), "bad"); Object.assign(state, nothing()); }
  }
  redraw();
  wait();
});
