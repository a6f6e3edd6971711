// Receiving with a scanner: each scan of an article is a piece more; another article, another bin or the button books them.
import { articleOf, binOf, deed, find, floor, hands, lay, list, lotOf, one, put, read, refuse, say, show, start, words } from "./floor.js";
import { typed } from "./gs1.js";

const papers = floor.inbound ?? null;
// A lot that is not known has a day too, or none ("-"); both are asked for when the code does not say them.
const nothing = { sku: null, pieces: 0, lot: "", until: "" };
const state = hands({ bin: floor.dock[0], ...nothing });
const came = [];

const asks = () => {
  const article = state.sku ? articleOf(state.sku) : null;
  if (article?.byLot && !state.lot) return "lot";
  return article?.byLot && !state.until && !(state.lot in article.lots) ? "day" : "article";
};
const dayOf = () => (state.until === "-" ? "" : state.until || articleOf(state.sku).lots[state.lot]?.until || "");

// False where the device could not keep it: then the pieces are still in hand.
const book = () => {
  if (!state.sku || !state.pieces || asks() !== "article") return true;
  const article = articleOf(state.sku);
  const [lot, until] = [state.lot, dayOf()];
  const kept = lot ? { lot, ...(until && !(lot in article.lots) ? { expires_on: until } : {}) } : {};
  if (!deed(article, state.pieces, { bin: state.bin, ...kept, ...(papers ? { inbound: papers.number } : {}) })) return false;
  if (papers) papers.lines[state.sku] -= state.pieces;
  lay(article, state.bin, state.pieces, lot, until);
  came.unshift({ name: article.name, detail: [article.sku, lot, state.bin].filter(Boolean).join(" · "), count: `+${state.pieces}`, done: true });
  say(put(words.booked, { n: state.pieces, sku: article.sku }), "good");
  Object.assign(state, nothing);
  return true;
};

// True when the lot may go with the article in hand: a lot has one day.
const takeLot = (article, lot, until, code) => {
  const known = article.lots[lot];
  if (known && until && until !== known.until) {
    refuse(put(words.other_day, { lot, day: known.until || "–" }), "lot", code, known.until);
    return false;
  }
  Object.assign(state, { lot, until: known ? "" : until });
  return true;
};

const hold = (article, pieces, code) => {
  const open = papers?.lines[article.sku] ?? 0;
  if (papers?.strict && pieces > open) return refuse(put(words.enough, { n: Math.max(0, open), code: article.sku }), "article", code, papers.number);
  Object.assign(state, { sku: article.sku, pieces });
  if (papers && pieces > open) return say(put(words.more, { n: pieces, expected: Math.max(0, open) }), "bad");
  say(words.good, "good");
};

const take = async (code) => {
  const step = asks();
  if (step === "lot") {
    const lot = lotOf(code);
    if (!lot) return refuse(put(words.no_lot, { code }), "lot", code);
    if (takeLot(articleOf(state.sku), lot, read(code).until, code)) say(words.good, "good");
    return;
  }
  if (step === "day") {
    const text = code.replace(/\p{C}/gu, "");
    const until = text === "-" ? "-" : typed(text);
    if (!until) return say(put(words.no_day, { code }), "bad");
    state.until = until;
    return say(words.good, "good");
  }
  const bin = binOf(code);
  if (bin) {
    if (!book()) return;
    state.bin = bin;
    return say(words.good, "good");
  }
  const article = await find(code);
  if (article === undefined) return say(put(words.lost, { code }), "bad");
  if (!article) return refuse(put(words.unknown, { code }), "article", code, papers?.number ?? "");
  if (papers && !(article.sku in papers.lines)) return refuse(put(words.not_expected, { code, expected: papers.number }), "article", code, papers.number);
  const { lot, until } = read(code);
  if ((article.sku !== state.sku || (lot && lot !== state.lot)) && !book()) return;
  if (article.byLot && lot && !takeLot(article, lot, until, code)) return;
  hold(article, state.sku === article.sku ? state.pieces + 1 : 1, code);
};

const draw = () => {
  const article = state.sku ? articleOf(state.sku) : null;
  show({ bin: state.bin, article, pieces: article ? state.pieces : null, lot: state.lot, until: article ? dayOf() : "", asks: asks(), wanted: words[asks()] });
  one("#book").hidden = !article || asks() !== "article";
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
one("#drop").addEventListener("click", () => { Object.assign(state, nothing); say("", "idle"); redraw(); wait(); });
