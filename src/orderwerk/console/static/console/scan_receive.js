// Receiving with a scanner: each scan of an article is a piece more; another article, another bin or the button books them.
import { articleOf, binOf, deed, find, floor, hands, lay, list, one, put, refuse, say, show, start, words } from "./floor.js";

const papers = floor.inbound ?? null;
const state = hands({ bin: floor.dock[0], sku: null, pieces: 0, papers: null });
// Pieces in hand belong to the papers that they were scanned against.
if (state.papers !== (papers?.number ?? null)) Object.assign(state, { sku: null, pieces: 0, papers: papers?.number ?? null });
const came = [];

const book = () => {
  if (!state.sku || !state.pieces) return;
  const article = articleOf(state.sku);
  deed(article, state.pieces, { bin: state.bin, ...(papers ? { inbound: papers.number } : {}) });
  lay(article, state.bin, state.pieces);
  if (papers) papers.lines[state.sku] -= state.pieces;
  came.unshift({ name: article.name, detail: `${article.sku} · ${state.bin}`, count: `+${state.pieces}`, done: true });
  say(put(words.booked, { n: state.pieces, sku: article.sku }), "good");
  Object.assign(state, { sku: null, pieces: 0 });
};

const hold = (article, pieces, code) => {
  const open = papers?.lines[article.sku] ?? 0;
  if (papers?.strict && pieces > open) return refuse(put(words.enough, { n: Math.max(0, open), code: article.sku }), "article", code, papers.number);
  Object.assign(state, { sku: article.sku, pieces });
  if (papers && pieces > open) return say(put(words.more, { n: pieces, expected: Math.max(0, open) }), "bad");
  say(words.good, "good");
};

const take = async (code) => {
  const bin = binOf(code);
  if (bin) {
    book();
    state.bin = bin;
    return say(words.good, "good");
  }
  const article = await find(code);
  if (article === undefined) return say(put(words.lost, { code }), "bad");
  if (!article) return refuse(put(words.unknown, { code }), "article", code, papers?.number ?? "");
  if (papers && !(article.sku in papers.lines)) return refuse(put(words.not_expected, { code, expected: papers.number }), "article", code, papers.number);
  if (article.sku !== state.sku) book();
  hold(article, state.sku === article.sku ? state.pieces + 1 : 1, code);
};

const draw = () => {
  const article = state.sku ? articleOf(state.sku) : null;
  show({ bin: state.bin, article, pieces: article ? state.pieces : null, asks: "article", wanted: words.article });
  one("#book").hidden = !article;
  one("#drop").hidden = !article;
  one("#book").textContent = put(words.book, { n: state.pieces });
  const lines = Object.entries(papers?.lines ?? {}).map(([sku, open]) => {
    const left = Math.max(0, open - (sku === state.sku ? state.pieces : 0));
    return { name: articleOf(sku).name, detail: sku, count: String(left), done: left === 0 };
  });
  list(papers ? lines.sort((a, b) => a.done - b.done) : came, words.nothing);
};

const edit = (n) => {
  if (!state.sku) return;
  if (n) hold(articleOf(state.sku), Math.min(n, 1000000), String(n));
  else say(put(words.not_number, { text: n }), "bad");
};

const { redraw, wait } = start({ state, take, draw, edit });
one("#book").addEventListener("click", () => { book(); redraw(); wait(); });
one("#drop").addEventListener("click", () => { Object.assign(state, { sku: null, pieces: 0 }); say("", "idle"); redraw(); wait(); });
