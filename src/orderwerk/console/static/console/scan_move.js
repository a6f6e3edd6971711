// From bin to bin with a scanner. Putting away begins at the article, which lies at the dock; moving at the bin.
import { allArticles, articleOf, binOf, deed, find, floor, freeIn, hands, lay, list, one, put, refuse, say, show, start, words } from "./floor.js";

const away = floor.flow === "put_away";
const state = hands({ from: null, sku: null, pieces: 0 });
const moved = [];

const drop = () => Object.assign(state, { from: away ? null : state.from, sku: null, pieces: 0 });
const atDock = () => allArticles().flatMap((article) => floor.dock
  .filter((bin) => freeIn(article, bin))
  .map((bin) => ({ article, bin, free: freeIn(article, bin) })));
const step = () => {
  if (!away && !state.from) return "from";
  return state.sku ? "to" : "article";
};

const takeFrom = (code) => {
  const bin = binOf(code);
  if (!bin) return refuse(put(words.not_bin, { code }), "from", code);
  state.from = bin;
  say(words.good, "good");
};

const takeArticle = async (code) => {
  const bin = away ? null : binOf(code);
  if (bin) return takeFrom(code);
  const article = await find(code);
  if (article === undefined) return say(put(words.lost, { code }), "bad");
  if (!article) return refuse(put(words.unknown, { code }), "article", code, state.from ?? "");
  const from = away ? floor.dock.find((each) => article.at[each]?.[0]) : state.from;
  if (!from || !article.at[from]?.[0]) return refuse(put(words.not_here, { code }), "article", code, from ?? floor.dock[0]);
  const free = freeIn(article, from);
  if (!free) return refuse(put(words.planned, { code: article.sku }), "article", code, from);
  Object.assign(state, { from, sku: article.sku, pieces: free });
  say(words.good, "good");
};

const takeTo = (code) => {
  const [bin, article] = [binOf(code), articleOf(state.sku)];
  if (!bin) return refuse(put(words.not_bin, { code }), "to", code);
  if (bin === state.from) return refuse(put(words.same_bin, { code }), "to", code, "");
  deed(article, state.pieces, { from: state.from, bin });
  lay(article, state.from, -state.pieces);
  lay(article, bin, state.pieces);
  moved.unshift({ name: article.name, detail: `${state.from} → ${bin}`, count: String(state.pieces), done: true });
  say(put(words.booked, { n: state.pieces, sku: article.sku }), "good");
  drop();
};

const take = (code) => ({ from: takeFrom, article: takeArticle, to: takeTo })[step()](code);

const draw = () => {
  const article = state.sku ? articleOf(state.sku) : null;
  const others = article ? Object.keys(article.at).filter((bin) => bin !== state.from && article.at[bin][0] && !floor.dock.includes(bin)) : [];
  show({
    bin: state.from ?? (away ? floor.dock.join(", ") : ""),
    to: others.length ? put(words.lies, { bins: others.slice(0, 5).join(", ") }) : "",
    article, pieces: article ? state.pieces : null, asks: step(), wanted: words[step()],
  });
  one("#drop").hidden = !article && (away || !state.from);
  const waiting = away && !article ? atDock().map(({ article: each, bin, free }) => ({ name: each.name, detail: `${each.sku} · ${bin}`, count: String(free) })) : [];
  const here = !away && state.from && !article ? allArticles().filter((each) => freeIn(each, state.from))
    .map((each) => ({ name: each.name, detail: each.sku, count: String(freeIn(each, state.from)) })) : [];
  list([...waiting, ...here, ...moved], article ? "" : words.clear);
};

const { redraw, wait } = start({
  state, take, draw,
  edit: (n) => { if (state.sku && n) state.pieces = Math.min(n, freeIn(articleOf(state.sku), state.from)); },
});
one("#drop").addEventListener("click", () => { if (!state.sku) state.from = null; drop(); say("", "idle"); redraw(); wait(); });
