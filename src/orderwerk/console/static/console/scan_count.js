// Counting with a scanner: a bin, then what lies in it. What the books say is not shown before it is counted.
import { allArticles, articleOf, binOf, deed, find, floor, hands, list, one, put, refuse, say, show, start, words } from "./floor.js";

const state = hands({ bin: null, counted: {}, sku: null, wanted: null });
const done = [];

const byBooks = (bin) => allArticles().filter((article) => article.at[bin]?.[0]);
const asked = (bin) => floor.stops.filter((stop) => stop.bin === bin).map((stop) => articleOf(stop.sku));
const unseen = () => [...new Set([...byBooks(state.bin), ...asked(state.bin)])].filter((article) => !(article.sku in state.counted));

const book = (sku, quantity) => {
  const article = articleOf(sku);
  deed(article, quantity, { bin: state.bin });
  article.at[state.bin] = [quantity, quantity];
  floor.stops = floor.stops.filter((stop) => stop.bin !== state.bin || stop.sku !== sku);
  done.unshift({ name: article.name, detail: `${sku} · ${state.bin}`, count: String(quantity), done: true });
};

const close = () => {
  for (const [sku, quantity] of Object.entries(state.counted)) book(sku, quantity);
  say(put(words.counted, { bin: state.bin }), "good");
  Object.assign(state, { bin: null, counted: {}, sku: null });
};

const leave = () => { Object.assign(state, { bin: null, counted: {}, sku: null }); say("", "idle"); };

// True when nothing has to be asked first: what the books know and nobody scanned may be gone, or not counted now.
const finish = () => {
  const missing = unseen();
  if (!missing.length) { close(); return true; }
  one("#unseen").replaceChildren(...missing.slice(0, 50).map((article) => {
    const row = document.createElement("li");
    row.textContent = `${article.name} (${article.sku})`;
    return row;
  }));
  one("#ask").showModal();
  return false;
};

const open = (bin) => {
  Object.assign(state, { bin, counted: {}, sku: null });
  say(words.good, "good");
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
  const bin = binOf(code);
  if (bin) {
    if (finish() && bin !== state.bin && state.bin) open(bin);
    return;
  }
  const article = await find(code);
  if (article === undefined) return say(put(words.lost, { code }), "bad");
  if (!article) return refuse(put(words.unknown, { code }), "article", code, state.bin);
  state.counted[article.sku] = (state.counted[article.sku] ?? 0) + 1;
  state.sku = article.sku;
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
  show({ bin: state.bin ?? "", article, pieces: article ? state.counted[state.sku] : null, asks: state.bin ? "article" : "bin", wanted: state.bin ? words.article : words.bin });
  one("#book").hidden = !state.bin;
  one("#drop").hidden = !state.bin;
  const counted = Object.entries(state.counted).map(([sku, n]) => ({ name: articleOf(sku).name, detail: sku, count: String(n), done: true }));
  list(state.bin ? counted.reverse() : [...todo(), ...done], state.bin ? words.nothing : words.clear);
};

const { redraw, wait } = start({ state, take, draw, edit: (n) => { if (state.sku) state.counted[state.sku] = Math.min(n, 1000000); } });
one("#book").addEventListener("click", () => { finish(); redraw(); wait(); });
one("#drop").addEventListener("click", () => { leave(); redraw(); wait(); });
one("#ask").addEventListener("close", () => {
  const gone = one("#ask").returnValue;
  one("#ask").returnValue = "";
  if (gone === "gone") for (const article of unseen()) state.counted[article.sku] = 0;
  if (gone === "gone" || gone === "later") {
    if (Object.keys(state.counted).length) close();
    else { say(put(words.nothing_here, { bin: state.bin }), "bad"); Object.assign(state, { bin: null, sku: null }); }
  }
  redraw();
  wait();
});
