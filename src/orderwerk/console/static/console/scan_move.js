// From bin to bin with a scanner. Putting away begins at the article, which lies at the dock; moving at the bin.
import { allArticles, articleOf, binOf, deed, find, floor, freeIn, hands, lay, list, lotOf, lotsIn, one, put, read, refuse, say, show, start, words } from "./floor.js";
import { same } from "./scans.js";

const away = floor.flow === "put_away";
const state = hands({ from: null, sku: null, pieces: 0, lot: "" });
const moved = [];

const drop = () => Object.assign(state, { from: away ? null : state.from, sku: null, pieces: 0, lot: "" });
const atDock = () => allArticles().flatMap((article) => floor.dock
  .filter((bin) => freeIn(article, bin))
  .map((bin) => ({ article, bin, free: freeIn(article, bin) })));
const step = () => {
  if (!away && !state.from) return "from";
  if (state.sku && articleOf(state.sku).byLot && !state.lot) return "lot";
  return state.sku ? "to" : "article";
};

const takeFrom = (code) => {
  const bin = binOf(code);
  if (!bin) return refuse(put(words.not_bin, { code }), "from", code);
  state.from = bin;
  say(words.good, "good");
};

// As with receiving: one scan is one piece, further scans of the same article add up.
const hold = (article, pieces, code) => {
  const free = freeIn(article, state.from, state.lot);
  if (pieces > free) return refuse(put(words.no_more, { n: free, code: article.sku }), "article", code, state.from);
  Object.assign(state, { sku: article.sku, pieces });
  say(words.good, "good");
};

const startWith = (article, code) => {
  const from = away ? floor.dock.find((each) => freeIn(article, each)) ?? floor.dock.find((each) => article.at[each]?.[0]) : state.from;
  if (!from || !article.at[from]?.[0]) return refuse(put(words.not_here, { code }), "article", code, from ?? floor.dock[0]);
  if (!freeIn(article, from)) return refuse(put(words.planned, { code: article.sku }), "article", code, from);
  Object.assign(state, { from, lot: "" });
  const lots = lotsIn(article, from);
  const lot = read(code).lot || (lots.length === 1 ? lots[0] : "");
  if (!article.byLot || !lot) return hold(article, 1, code);
  takeLot(lot, code, article);
};

const takeLot = (code, whole = code, article = articleOf(state.sku)) => {
  const lot = Object.keys(article.lots).find((each) => same(each, lotOf(code)));
  if (!lot || !freeIn(article, state.from, lot)) return refuse(put(words.lot_not_here, { lot: lotOf(code) }), "lot", whole, state.from);
  state.lot = lot;
  hold(article, 1, whole);
};

const takeArticle = async (code) => {
  const bin = away ? null : binOf(code);
  if (bin) return takeFrom(code);
  const article = await find(code);
  if (article === undefined) return say(put(words.lost, { code }), "bad");
  if (!article) return refuse(put(words.unknown, { code }), "article", code, state.from ?? "");
  startWith(article, code);
};

const takeTo = (code) => {
  const [bin, article] = [binOf(code), articleOf(state.sku)];
  const { gtin, lot } = read(code);
  if (!bin && article.codes.some((each) => same(each, gtin || code))) {
    if (lot && !same(lot, state.lot)) return refuse(put(words.lot_not_here, { lot }), "lot", code, state.lot);
    return hold(article, state.pieces + 1, code);
  }
  if (!bin) return refuse(put(words.not_bin, { code }), "to", code);
  if (bin === state.from) return refuse(put(words.same_bin, { code }), "to", code, "");
  if (!deed(article, state.pieces, { from: state.from, bin, ...(state.lot ? { lot: state.lot } : {}) })) return;
  lay(article, state.from, -state.pieces, state.lot);
  lay(article, bin, state.pieces, state.lot);
  moved.unshift({ name: article.name, detail: `${state.from} → ${bin}`, count: String(state.pieces), done: true });
  say(put(words.booked, { n: state.pieces, sku: article.sku }), "good");
  drop();
};

const take = (code) => ({ from: takeFrom, article: takeArticle, lot: (each) => takeLot(each), to: takeTo })[step()](code);

const draw = () => {
  const article = state.sku ? articleOf(state.sku) : null;
  const others = article ? Object.keys(article.at).filter((bin) => bin !== state.from && article.at[bin][0] && !floor.dock.includes(bin)) : [];
  show({
    bin: state.from ?? (away ? floor.dock.join(", ") : ""),
    to: others.length ? put(words.lies, { bins: others.slice(0, 5).join(", ") }) : "",
    article, pieces: article && step() !== "lot" ? state.pieces : null, lot: state.lot, until: article?.lots[state.lot]?.until ?? "", asks: step(), wanted: words[step()],
  });
  const free = article ? freeIn(article, state.from, state.lot) : 0;
  one("#all").hidden = step() === "lot" || free < 2 || state.pieces === free;
  one("#all").textContent = put(words.all, { n: free });
  one("#drop").hidden = !article && (away || !state.from);
  const waiting = away && !article ? atDock().map(({ article: each, bin, free }) => ({ name: each.name, detail: `${each.sku} · ${bin}`, count: String(free) })) : [];
  const here = !away && state.from && !article ? allArticles().filter((each) => freeIn(each, state.from))
    .map((each) => ({ name: each.name, detail: each.sku, count: String(freeIn(each, state.from)) })) : [];
  list([...waiting, ...here, ...moved], article ? "" : words.clear);
};

const { redraw, wait } = start({
  state, take, draw,
  edit: (n) => {
    if (!state.sku) return;
    if (n) hold(articleOf(state.sku), n, String(n));
    else say(put(words.not_number, { text: n }), "bad");
  },
});
one("#drop").addEventListener("click", () => { if (!state.sku) state.from = null; drop(); say("", "idle"); redraw(); wait(); });
one("#all").addEventListener("click", () => { if (state.sku) hold(articleOf(state.sku), freeIn(articleOf(state.sku), state.from, state.lot), state.sku); redraw(); wait(); });
