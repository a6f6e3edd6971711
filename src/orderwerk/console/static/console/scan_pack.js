// Packing with a scanner: every piece is scanned into the box; what does not belong there is refused on the spot.
import { gs1 } from "./gs1.js";
import { ScanQueue, legible, listen, same, sound } from "./scans.js";

const one = (selector) => document.querySelector(selector);
const packing = JSON.parse(one("#packing").textContent);
const page = one("#scan");
const kept = `orderwerk.packing.${packing.number}`;
// What was scanned survives a reload; it is forgotten when the parcel has left.
const box = (() => {
  try {
    return { packed: {}, serials: {}, ...JSON.parse(sessionStorage.getItem(kept) ?? "{}") };
  } catch {
    return { packed: {}, serials: {} };
  }
})();

// What was confirmed is kept on the device until the server has answered, under a key that makes it happen once; so is every
// scan that was refused, which is told at once: whatever becomes of the box, it stands in the shipment's history.
let [slip, gone] = [null, false];
const queue = new ScanQueue(`orderwerk.packed.${packing.number}`, packing.address, page.dataset.token, (told) => {
  page.dataset.offline = told.offline;
  if (told.offline !== "no") {
    slip?.close();
    slip = null;
  }
  if (told.offline === "yes" && packed()) one("#said").textContent = packing.words.lost;
  for (const result of told.results ?? []) {
    if (!result.ok) refused(result);
    else if (result.next) leave(result.next);
  }
  draw();
});

const packed = () => queue.waiting.some((scan) => scan.contents);

const leave = (next) => {
  gone = true;
  sessionStorage.removeItem(kept);
  if (slip) slip.location = packing.slip;
  window.location.assign(packing.next || next);
};

const refused = ({ serial, text }) => {
  slip?.close();
  slip = null;
  takeOut(serial);
  say(text, false);
};

// Of an article whose pieces have serial numbers: the piece in hand, whose article was scanned and whose number was not yet.
let hand = null;

const total = packing.articles.reduce((sum, article) => sum + article.quantity, 0);
const packedOf = (article) => Math.min(article.quantity, box.packed[article.sku] ?? 0);
const inBox = () => packing.articles.reduce((sum, article) => sum + packedOf(article), 0);

const say = (text, good) => {
  page.dataset.tone = good ? "good" : "bad";
  one("#said").textContent = text;
  sound(good);
};

const draw = () => {
  for (const article of packing.articles) {
    const row = one(`[data-sku="${CSS.escape(article.sku)}"]`);
    row.querySelector("[data-packed]").textContent = String(packedOf(article));
    row.classList.toggle("is-done", packedOf(article) === article.quantity);
  }
  one("#progress").value = inBox();
  one("#count").textContent = `${inBox()} / ${total}`;
  one("#ship").disabled = inBox() < total || packed();
  if (!gone) sessionStorage.setItem(kept, JSON.stringify(box));
};

const wrong = (text, code) => {
  say(text.replace("{code}", code), false);
  queue.add({ code: legible(code), ...(hand && { step: "serial", expected: hand.sku }) });
};

const put = (article) => {
  hand = null;
  box.packed[article.sku] = packedOf(article) + 1;
  draw();
  say(inBox() === total ? packing.words.whole : packing.words.good, true);
};

// A code that means the article is none of its pieces; a number that lies in the box is not scanned twice. Where all numbers
// are known from the picking, another one is the wrong piece.
const alike = (one, other) => one.toUpperCase() === other.toUpperCase();
const putPiece = (article, serial, code) => {
  const known = (box.serials[article.sku] ??= []);
  if (article.codes.some((each) => same(each, serial))) return wrong(packing.words.article, code);
  if (known.some((each) => same(each, serial))) return wrong(packing.words.again, code);
  const picked = article.serials.find((each) => alike(each, serial));
  if (!picked && article.serials.length >= article.quantity) return wrong(packing.words.other, code);
  known.push(picked ?? serial);
  return put(article);
};

// A piece that the server refuses is not in the box: another one is scanned in its place.
const takeOut = (serial) => {
  for (const [sku, known] of Object.entries(box.serials)) {
    if (!serial || !known.includes(serial)) continue;
    box.serials[sku] = known.filter((each) => each !== serial);
    box.packed[sku] -= 1;
  }
  draw();
};

const take = (code) => {
  if (packed()) return say(packing.words.waits, false);
  if (hand) {
    const tag = gs1(code);
    if (tag?.gtin && !hand.codes.some((known) => same(tag.gtin, known))) return wrong(packing.words.article, code);
    return putPiece(hand, (tag?.serial || code).trim(), code);
  }
  const meant = packing.articles.filter((article) => article.codes.some((known) => same(gs1(code)?.gtin || code, known)));
  const open = meant.find((article) => packedOf(article) < article.quantity);
  if (open) {
    if (!open.bySerial) return put(open);
    const serial = gs1(code)?.serial;
    if (serial) return putPiece(open, serial, code);
    hand = open;
    return say(packing.words.piece, true);
  }
  // A number that was scanned as its piece was picked says by itself which article it is.
  const picked = !meant.length && packing.articles.find((article) => article.serials.some((each) => alike(each, code.trim())));
  if (picked) return putPiece(picked, code.trim(), code);
  return wrong(meant.length ? packing.words.enough : packing.words.wrong, code);
};

// Where a shop has boxes: the one that was chosen, for each package alike. Its own weight follows the choice until somebody weighs.
const choice = one("#box");
const boxOf = () => (choice?.value ? packing.boxes[Number(choice.value)] : null);
const count = () => Math.max(1, Math.min(99, Number(one("#packages").value) || 1));
let tare = boxOf()?.weight_grams ?? 0;
let weighed = one("#weight").value === "";
one("#weight").addEventListener("input", () => { weighed = true; });
for (const field of [choice, one("#packages")]) {
  field?.addEventListener("change", () => {
    const now = (boxOf()?.weight_grams ?? 0) * count();
    if (!weighed) one("#weight").value = String(Math.max(0, Number(one("#weight").value) + now - tare));
    tare = now;
  });
}

// The weight of all packages is kept with the first; the others are counted.
const packages = () => {
  const box = boxOf();
  const size = box ? { box: box.name, length_mm: box.length_mm, width_mm: box.width_mm, height_mm: box.height_mm } : {};
  const grams = one("#weight").value === "" ? null : Math.max(0, Math.round(Number(one("#weight").value)));
  return Array.from({ length: count() }, (_, index) => ({ ...size, weight_grams: index ? null : grams }));
};

one("#finish").addEventListener("submit", (event) => {
  event.preventDefault();
  if (one("#ship").disabled) return;
  // Opened under the finger, since a browser opens no window later by itself.
  slip = window.open("", "_blank");
  const contents = packing.articles.map(({ sku, quantity }) => ({ sku, quantity }));
  const serials = Object.entries(box.serials).flatMap(([sku, each]) => each.map((serial) => ({ sku, serial })));
  queue.add({ contents, packages: packages(), serials, notify: one("#notify").checked });
});

listen(one("#scan-form"), one("#code"), take);
draw();
queue.send();
// The article by which somebody came here from a list lies in their hand: it is the first in the box, once.
const here = new URL(window.location.href);
const first = here.searchParams.get("scan");
if (first) {
  here.searchParams.delete("scan");
  window.history.replaceState(null, "", here);
  const of = gs1(first)?.gtin || first;
  const open = packing.articles.some((each) => packedOf(each) < each.quantity && each.codes.some((known) => same(of, known)));
  if (open) take(first);
}
