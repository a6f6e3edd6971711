// Packing with a scanner: every piece is scanned into the box; what does not belong there is refused on the spot.
import { gs1 } from "./gs1.js";
import { addresses, leftUnsent } from "./left_unsent.js";
import { ScanQueue, WEEK, forgetOld, full, legible, listen, moment, same, sound, store, stored } from "./scans.js";

const one = (selector) => document.querySelector(selector);
const packing = JSON.parse(one("#packing").textContent);
const page = one("#scan");
const kept = `orderwerk.packing.${packing.number}`;
// What was scanned survives a reload and a closed tab, as it does in the box itself; it is forgotten when the parcel has left, and
// after a week, when somebody else has long dealt with it.
forgetOld("orderwerk.packing.", WEEK);
const before = stored(kept);
const isBox = before.packed && before.serials && Array.isArray(before.parcels) && before.parcels[before.into] && before.parcels.every((each) => each?.holds);
const box = { packed: {}, serials: {}, parcels: packing.parcels, into: 0, ...(isBox && before) };

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
    // A wrong scan that is not kept is no parcel that is refused: its slip stays open, and nothing is taken out of the box.
    if (!result.ok && (told.aside ? told.aside.contents : result.packed)) refused(result);
    else if (result.next) leave(result.next);
  }
  draw();
}, leftUnsent("orderwerk.scans.", addresses.lists, page.dataset.token));

const packed = () => queue.waiting.some((scan) => scan.contents);

const leave = (next) => {
  gone = true;
  localStorage.removeItem(kept);
  if (slip) slip.location = packing.slip;
  window.location.assign(next);
};

const refused = ({ serial, text }) => {
  slip?.close();
  slip = null;
  takeOut(serial);
  say(text, false);
};

// Of an article whose pieces have serial numbers: the piece in hand, whose article was scanned and whose number was not yet.
let hand = null;
// The article that was scanned last: one of its pieces was seen, so the others may be counted and go in at once.
let seen = null;

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
  const rest = seen ? seen.quantity - packedOf(seen) : 0;
  one("#all").hidden = rest < 2 || packed();
  one("#all").textContent = packing.words.all.replace("{n}", rest).replace("{code}", seen?.sku ?? "");
  drawParcels();
  if (!gone && (inBox() || !single())) store(kept, { ...box, at: Date.now() });
};

const wrong = (text, code) => {
  say(text.replace("{code}", code), false);
  queue.add({ code: legible(code), ...(hand && { step: "serial", expected: hand.sku }) });
};

const put = (article, pieces = 1) => {
  hand = null;
  // From now on they do not lie any more where somebody may count, whenever the box is confirmed.
  box.began ??= moment();
  seen = article.bySerial ? null : article;
  box.packed[article.sku] = packedOf(article) + pieces;
  const into = box.parcels[box.into];
  const free = Math.max(0, article.quantity - heldOf(article));
  if (free) into.holds[article.sku] = (into.holds[article.sku] ?? 0) + Math.min(free, pieces);
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
    const holds = box.parcels.findLast((parcel) => parcel.holds[sku])?.holds;
    if (holds) holds[sku] -= 1;
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

// Each package has its own box, weight and contents; what is scanned goes into the one that is chosen. A weight follows the box and
// the contents until somebody weighs, as far as the weight of all that lies in it is known; of a single package the contents are all there is.
const heldOf = (article) => box.parcels.reduce((sum, parcel) => sum + (parcel.holds[article.sku] ?? 0), 0);
const boxOf = (parcel) => packing.boxes[parcel.box === "" ? -1 : Number(parcel.box)] ?? null;
const single = () => box.parcels.length === 1;
const weightOf = (parcel) => {
  if (parcel.weighed) return parcel.weight;
  const lies = (article) => (single() ? article.quantity : parcel.holds[article.sku] ?? 0);
  if (packing.articles.some((article) => article.grams === null && lies(article))) return "";
  const own = packing.articles.reduce((sum, article) => sum + article.grams * lies(article), 0);
  return own ? String(own + (boxOf(parcel)?.weight_grams ?? 0)) : "";
};

const rows = one("#rows");
// Nobody's hand is disturbed: neither the field that somebody types into, nor one that stands right already.
const show = (field, value) => {
  if (document.activeElement !== field && field.value !== value) field.value = value;
};
const drawParcels = () => {
  for (const [index, row] of [...rows.children].entries()) {
    const parcel = box.parcels[index];
    const weight = row.querySelector("[data-weight]");
    row.querySelector("legend").hidden = single();
    row.querySelector("details").hidden = single();
    show(weight, weightOf(parcel));
    row.querySelector("input[type=radio]").checked = index === box.into;
    const lies = packing.articles.filter((article) => parcel.holds[article.sku]);
    const what = lies.map((article) => `${parcel.holds[article.sku]} × ${article.sku}`).join(", ");
    row.querySelector("summary").textContent = packing.words.holds.replace("{what}", what || packing.words.nothing);
    for (const [place, field] of [...row.querySelectorAll("details input")].entries()) {
      show(field, String(parcel.holds[packing.articles[place].sku] ?? 0));
    }
  }
};

// Never more of an article in all packages together than belongs into the parcel.
const contentsField = (parcel, article) => {
  const [line, label, field] = ["li", "label", "input"].map((name) => document.createElement(name));
  label.textContent = article.sku;
  Object.assign(field, { className: "form-control", type: "number", min: "0", max: String(article.quantity), inputMode: "numeric" });
  field.addEventListener("input", () => {
    const free = article.quantity - heldOf(article) + (parcel.holds[article.sku] ?? 0);
    parcel.holds[article.sku] = Math.max(0, Math.min(free, Math.floor(Number(field.value)) || 0));
    draw();
  });
  field.addEventListener("blur", () => { field.value = String(parcel.holds[article.sku] ?? 0); });
  label.append(field);
  line.append(label);
  return line;
};

const buildParcel = (parcel, index) => {
  const row = one("#package").content.firstElementChild.cloneNode(true);
  const [choice, weight, radio] = ["select", "[data-weight]", "input[type=radio]"].map((selector) => row.querySelector(selector));
  const name = (field, label) => {
    field.id = index ? `${label}-${index + 1}` : label;
    row.querySelector(`[data-for=${label}]`).htmlFor = field.id;
  };
  row.querySelector("legend span").textContent = packing.words.package.replace("{n}", index + 1);
  radio.addEventListener("change", () => { box.into = index; draw(); });
  name(weight, "weight");
  weight.addEventListener("input", () => { Object.assign(parcel, { weighed: true, weight: weight.value }); draw(); });
  if (choice) {
    name(choice, "box");
    choice.value = String(parcel.box);
    choice.addEventListener("change", () => { parcel.box = choice.value; draw(); });
  }
  row.querySelector("ul").replaceChildren(...packing.articles.map((article) => contentsField(parcel, article)));
  return row;
};

// Fewer packages: what lay in those that go lies in the last that stays.
const setParcels = (wanted) => {
  const count = Math.max(1, Math.min(99, Math.floor(Number(wanted)) || 1));
  while (box.parcels.length < count) box.parcels.push({ box: packing.proposed, weight: "", weighed: false, holds: {} });
  const last = box.parcels[count - 1];
  for (const { holds } of box.parcels.splice(count)) {
    for (const [sku, pieces] of Object.entries(holds)) last.holds[sku] = (last.holds[sku] ?? 0) + pieces;
  }
  box.into = Math.min(box.into, count - 1);
  show(one("#packages"), String(count));
  while (rows.children.length > count) rows.lastElementChild.remove();
  rows.append(...box.parcels.slice(rows.children.length).map((parcel, index) => buildParcel(parcel, rows.children.length + index)));
  draw();
};
one("#all").addEventListener("click", () => put(seen, seen.quantity - packedOf(seen)));
one("#packages").addEventListener("input", (event) => { if (Number(event.target.value) >= 1) setParcels(event.target.value); });
one("#packages").addEventListener("blur", (event) => { event.target.value = String(box.parcels.length); });
one("#next-package").addEventListener("click", () => {
  box.into = box.parcels.length;
  setParcels(box.parcels.length + 1);
});

// What lies where is told when it is known of every package.
const packages = () => {
  const told = !single() && box.parcels.every((parcel) => Object.values(parcel.holds).some(Boolean));
  const left = new Map(packing.articles.map((article) => [article.sku, article.lines.map(([id, pieces]) => ({ id, pieces }))]));
  const contents = ({ holds }) => Object.entries(holds).flatMap(([sku, pieces]) => {
    let wanted = pieces;
    return (left.get(sku) ?? []).map((line) => {
      const quantity = Math.min(line.pieces, wanted);
      line.pieces -= quantity;
      wanted -= quantity;
      return { shipment_line_id: line.id, quantity };
    }).filter((line) => line.quantity);
  });
  return box.parcels.map((parcel) => {
    const [size, weight] = [boxOf(parcel), weightOf(parcel)];
    return {
      ...(size && { box: size.name, length_mm: size.length_mm, width_mm: size.width_mm, height_mm: size.height_mm }),
      weight_grams: weight === "" ? null : Math.max(0, Math.round(Number(weight))),
      ...(told && { contents: contents(parcel) }),
    };
  });
};

one("#finish").addEventListener("submit", (event) => {
  event.preventDefault();
  if (one("#ship").disabled) return;
  // Opened under the finger, since a browser opens no window later by itself.
  slip = window.open("", "_blank");
  const contents = packing.articles.map(({ sku, quantity }) => ({ sku, quantity }));
  const serials = Object.entries(box.serials).flatMap(([sku, each]) => each.map((serial) => ({ sku, serial })));
  // What is proposed is no weight from a scale, by which another carrier would be chosen.
  const is_weighed = box.parcels.every((parcel) => parcel.weighed);
  const began = box.began && { at: box.began.at, off: box.began.off };
  if (!queue.add({ contents, packages: packages(), is_weighed, serials, notify: one("#notify").checked, ...(way && box.way), ...began })) refused({ text: full() });
});

// How it goes: as it is, or as the rules propose by its weight, until somebody chooses here.
const way = one("#way");
const wayOf = (name) => way?.querySelector(`[name=${name}]`);
const choose = () => {
  box.way = { carrier: wayOf("carrier").value, service: wayOf("service").value };
  one("#way-now").textContent = [wayOf("carrier").selectedOptions[0]?.textContent, box.way.service].filter(Boolean).join(" · ");
  draw();
};
if (way && box.way) {
  wayOf("carrier").value = box.way.carrier;
  wayOf("carrier").dispatchEvent(new Event("change", { bubbles: true }));
  for (const field of way.querySelectorAll("[name=service], [data-services]")) field.value = box.way.service;
  choose();
}
// Behind the page's own script, which offers the services of the carrier that was chosen.
document.addEventListener("change", (event) => { if (way?.contains(event.target)) choose(); });

listen(one("#scan-form"), one("#code"), take);
setParcels(box.parcels.length);
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
