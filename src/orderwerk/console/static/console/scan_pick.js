// Picking with a scanner: bin, article, lot or serial number, tote, one after the other; what does not fit is refused on the
// spot and kept.
import { gs1 } from "./gs1.js";
import { ScanQueue, full, legible, listen, note, said, same, sound, wasKept } from "./scans.js";

const one = (selector) => document.querySelector(selector);
const walk = JSON.parse(one("#walk").textContent);
const page = one("#scan");
let [at, step, pending, skipped] = [null, "bin", 0, []];
// The lot of this stop has been scanned: codes that do not name one are of it.
let proved = false;
// The serial number of the piece that waits for its tote.
let hand = "";

const queue = new ScanQueue(`orderwerk.scans.${walk.number}`, walk.address, page.dataset.token, (told) => {
  if (told.held) for (const stop of walk.stops) for (const line of stop.lines) line.held = told.held.includes(line.id);
  if (told.serials) walk.serials = told.serials;
  for (const stop of walk.stops) for (const line of stop.lines) line.lying = told.lying?.[line.id] ?? line.lying;
  if (told.left) {
    note({ left: told.left, held: told.held ?? [], serials: walk.serials, lying: told.lying });
    adopt(told.left);
  }
  giveBack(told.aside);
  for (const result of told.results ?? []) if (!result.ok) say(result.text, "bad");
  page.dataset.offline = told.offline;
  one("#waiting").textContent = told.waiting ? walk.words.waiting.replace("{n}", told.waiting) : "";
  draw();
});

// The server's figures, less what it has not heard of yet.
const adopt = (left) => {
  const unheard = {};
  for (const scan of queue.waiting) {
    if (scan.pick_line_id) unheard[scan.pick_line_id] = (unheard[scan.pick_line_id] ?? 0) + (scan.picked ?? 0) + (scan.short ?? 0);
  }
  for (const stop of walk.stops) for (const line of stop.lines) line.left = Math.max(0, (left[line.id] ?? 0) - (unheard[line.id] ?? 0));
};

// What the server does not take at all is still to be picked.
const giveBack = (scan) => {
  const line = walk.stops.flatMap((stop) => stop.lines).find((each) => each.id === scan?.pick_line_id);
  if (line) line.left += (scan.picked ?? 0) + (scan.short ?? 0);
};

// The numbers of an article that were picked on this list: what the server knows, and what it has not heard of yet.
const articleOf = Object.fromEntries(walk.stops.flatMap((stop) => stop.lines.map((line) => [line.id, stop.sku])));
const numbersOf = (sku) => [...(walk.serials[sku] ?? []), ...queue.waiting.filter((scan) => articleOf[scan.pick_line_id] === sku).flatMap((scan) => scan.serials ?? [])];

// What an order on hold waits for stays where it lies: nobody is sent there.
const open = (line) => (line.held ? 0 : line.left);
const leftAt = (stop) => stop.lines.reduce((sum, line) => sum + open(line), 0);
const choose = () => {
  if (at && leftAt(at)) return;
  const before = at?.bin;
  const waiting = walk.stops.filter(leftAt);
  at = waiting.find((stop) => !skipped.includes(stop)) ?? waiting[0] ?? null;
  if (at && skipped.includes(at)) skipped = [];
  [pending, proved, hand] = [0, false, ""];
  step = at && at.bin === before ? "article" : "bin";
};

const say = (text, tone) => {
  page.dataset.tone = tone;
  one("#said").textContent = text;
  if (tone !== "idle") sound(tone === "good");
};

const refuse = (code, expected, words = walk.words.wrong[step]) => {
  say(words.replace("{code}", code).replace("{expected}", expected), "bad");
  queue.add({ step, code: legible(code), expected: legible(expected) });
};

// Pieces are booked for the lines in their order; with a reason the rest of them is short. A serial number is of one piece.
const book = (pieces, reason = "", serial = "") => {
  const [lines, told, before] = [at.lines.filter(open), step, [pending, hand, step]];
  let picked = pieces;
  // Before anything is queued: queueing draws, and may go on to the next stop, whose bin has to be scanned.
  [pending, hand, step] = [0, "", "article"];
  for (const line of lines) {
    const part = Math.min(picked, line.left);
    const short = reason ? line.left - part : 0;
    picked -= part;
    if (!part && !short) continue;
    // What the device could not keep is not picked, and is asked for again.
    if (!queue.add({ pick_line_id: line.id, picked: part, short, reason: short ? reason : "", step: told, ...(serial && { serials: [serial] }) })) {
      if (line === lines[0]) [pending, hand, step] = before;
      draw();
      return say(full(), "bad");
    }
    line.left -= part + short;
  }
  choose();
  say(at ? walk.words.good : walk.words.done, "good");
  draw();
};

// The article is right; where lots are kept its lot has to be right too before a piece counts, and a serial number be new.
const next = (serial = "") => {
  if (!at.lines.find(open)?.tote) return book(1, "", serial);
  [pending, hand, step] = [1, serial, "tote"];
  say(walk.words.good, "good");
};
const serialRight = (code) => {
  step = "serial";
  const tag = gs1(code);
  if (tag?.gtin && !at.codes.some((known) => same(tag.gtin, known))) return refuse(code, at.sku, walk.words.wrong.article);
  const serial = (tag?.serial || code).trim();
  const plain = /^[!-~]([ -~]*[!-~])?$/.test(serial) && serial.length <= 60;
  // A code that means the article, or has its number inside, is none of a piece.
  const means = at.codes.some((known) => same(serial, known) || (/^\d{8,14}$/.test(known) && serial.includes(known.padStart(14, "0"))));
  if (!plain || means) return refuse(code, at.sku);
  if (numbersOf(at.sku).some((known) => known.toUpperCase() === serial.toUpperCase())) {
    return refuse(code, at.sku, walk.words.again);
  }
  next(serial);
};
const lotRight = (lot, code) => {
  step = "lot";
  if (!same(lot, at.lot)) return refuse(code, at.lot);
  proved = true;
  step = "article";
  next();
};

const take = (code) => {
  choose();
  if (!at) return;
  const tote = at.lines.find(open)?.tote;
  if (step === "bin") {
    if (!same(code, at.bin)) return refuse(code, at.bin);
    step = "article";
    say(walk.words.good, "good");
  } else if (step === "article") {
    const tag = gs1(code);
    if (!at.codes.some((known) => same(tag?.gtin || code, known))) return refuse(code, at.sku);
    if (at.bySerial && tag?.serial) serialRight(code);
    else if (at.bySerial) { step = "serial"; say(walk.words.good, "good"); }
    else if (at.lot && tag?.lot) lotRight(tag.lot, code);
    else if (at.lot && !proved) { step = "lot"; say(walk.words.good, "good"); }
    else next();
  } else if (step === "lot") {
    lotRight(gs1(code)?.lot || code, code);
  } else if (step === "serial") {
    serialRight(code);
  } else {
    if (![String(tote), `${walk.number}-${tote}`].some((known) => same(code, known))) return refuse(code, tote);
    return book(pending, "", hand);
  }
  draw();
};

const draw = () => {
  choose();
  page.dataset.asks = at ? step : "done";
  const all = walk.stops.flatMap((stop) => stop.lines);
  one("#progress").value = walk.units - all.reduce((sum, line) => sum + line.left, 0);
  one("#count").textContent = `${one("#progress").value} / ${walk.units}`;
  const held = all.reduce((sum, line) => sum + (line.held ? line.left : 0), 0);
  one("#held").textContent = held ? walk.words.held.replace("{n}", held) : "";
  one("#over").hidden = Boolean(at);
  one("#over p").hidden = held > 0;
  const again = at && one("#scan-form").hidden;
  for (const part of ["#stop", "#scan-form", "#short-open", "#skip"]) one(part).hidden = !at;
  // What the server refused is asked for again: the field is there for the next scan.
  if (again) one("#code").focus({ preventScroll: true });
  if (!at) {
    one("#all").hidden = true;
    return;
  }
  const line = at.lines.find(open);
  one("#bin").textContent = at.bin;
  one("#name").textContent = at.name;
  one("#sku").textContent = [at.sku, at.lines.length > 1 ? "" : line.order].filter(Boolean).join(" · ");
  const until = at.until ? walk.words.until.replace("{day}", at.until) : "";
  one("#lot").textContent = at.lot ? [walk.words.lot.replace("{lot}", at.lot), until].filter(Boolean).join(" · ") : "";
  one("#left").textContent = String(leftAt(at));
  one("#pieces").textContent = leftAt(at) === 1 ? walk.words.piece : walk.words.pieces;
  one("#tote").hidden = !line.tote;
  one("#tote").textContent = line.tote ? walk.words.tote.replace("{n}", line.tote) : "";
  one("#wanted").textContent = walk.words.wanted[step];
  const many = step === "tote" ? line.left : leftAt(at);
  one("#all").hidden = step === "bin" || step === "lot" || at.bySerial || (Boolean(at.lot) && !proved) || many < 2 || (step === "article" && Boolean(line.tote)) || pending === many;
  one("#all").textContent = walk.words.all.replace("{n}", many);
};

one("#all").addEventListener("click", () => {
  const line = at.lines.find(open);
  if (step === "tote") { pending = line.left; draw(); } else book(leftAt(at));
});
one("#skip").addEventListener("click", () => { skipped.push(at); const last = at; at = null; choose(); if (at !== last) step = "bin"; draw(); });
// Whoever finds too few says what becomes of all that should lie there, for other orders too: it is told before it is done.
const foresee = () => {
  const here = at?.lines.find(open);
  if (!here) return;
  // Of the same bin, also for other totes: what was taken and is not told yet lies there no more.
  const shelf = walk.stops.filter((stop) => stop.bin === at.bin && stop.sku === at.sku && stop.lot === at.lot).flatMap((stop) => stop.lines);
  const unheard = queue.waiting.filter((scan) => shelf.some((line) => line.id === scan.pick_line_id));
  const lying = here.lying - unheard.reduce((sum, scan) => sum + (scan.picked ?? 0), 0);
  const gone = lying - (Number(one("#found").value) || 0);
  const empties = one("#reason").value !== "damaged" && gone > 0;
  one("#empties").textContent = empties ? walk.words.empties.replace("{n}", lying).replace("{bin}", at.bin) : "";
  one("#short [type=submit]").textContent = empties ? walk.words.writeOff.replace("{n}", gone) : walk.words.short;
};
for (const field of ["#found", "#reason"]) one(field).addEventListener("input", foresee);
one("#short-open").addEventListener("click", () => {
  // Pieces with serial numbers are scanned; what is then left is short.
  one("#found").parentElement.hidden = at.bySerial;
  one("#found").max = String(leftAt(at) - 1);
  one("#found").value = "0";
  foresee();
  one("#short").showModal();
});
one("#short form").addEventListener("submit", (event) => {
  event.preventDefault();
  const found = Math.max(0, Math.min(leftAt(at) - 1, Number(one("#found").value) || 0));
  one("#short").close();
  book(found, one("#reason").value);
  wait();
});

const wait = listen(one("#scan-form"), one("#code"), take);
// Closing gives the focus back to the button that opened it, which a scanner's Enter would press.
one("#short").addEventListener("close", wait);
// A page that was kept knows less than what this device has heard since.
const known = wasKept ? said() : {};
if (known.left) {
  for (const line of walk.stops.flatMap((stop) => stop.lines)) [line.left, line.held, line.lying] = [known.left[line.id] ?? 0, known.held.includes(line.id), known.lying?.[line.id] ?? line.lying];
  walk.serials = known.serials;
}
// What an earlier visit left unsent is taken off the figures before anybody is asked to pick it again.
adopt(Object.fromEntries(walk.stops.flatMap((stop) => stop.lines).map((line) => [line.id, line.left])));
say("", "idle");
draw();
queue.send();
