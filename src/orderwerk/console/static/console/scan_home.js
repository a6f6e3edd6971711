// What earlier visits left unsent goes out from here too: of the dock and the shelves, of pick lists and of packed parcels. What the
// server did not take is looked at here: sent once more, or thrown away.
import { ScanQueue, aside, forget, full, retry } from "./scans.js";

const note = document.querySelector("#unsent");
const refused = document.querySelector("#refused");
const { address, lists, parcels, table, token, words, login, place, again, drop } = note.dataset;
const [waiting, why] = [new Map(), new Map()];

const element = (tag, text, look = "") => Object.assign(document.createElement(tag), { textContent: text, className: look });
const button = (text, act) => {
  const made = Object.assign(element("button", text, "btn btn-sm"), { type: "button" });
  made.addEventListener("click", () => {
    if (act() === false) unkept.textContent = full();
    else window.location.reload();
  });
  return made;
};

// What a scan was, as far as somebody can know it again: when, which code or article, how many.
const what = (scan) => {
  const articles = [scan.code, scan.sku, ...(scan.serials ?? []).map((each) => each.serial ?? each), ...(scan.contents ?? []).map((each) => `${each.quantity} × ${each.sku}`)];
  const pieces = scan.quantity || scan.picked || "";
  return [scan.at ? new Date(scan.at).toLocaleString(document.documentElement.lang) : "", pieces && `${pieces} ×`, ...articles, scan.bin].filter(Boolean).join(" · ");
};

// In a place of its own: what was refused meanwhile stands beside it until the page is left.
const box = refused.appendChild(document.createElement("div"));
const unkept = refused.appendChild(document.createElement("div"));
const drawAside = () => {
  box.replaceChildren();
  for (const each of aside()) {
    const row = element("div", "", "notice amber");
    const text = element("div", each.text, "grow");
    text.append(element("div", `${each.name.split(".").slice(2).join(".")} ${what(each.scan)}`.trim(), "muted small break"));
    row.append(text, button(again, () => retry(each)), button(drop, () => forget(each.scan.key)));
    box.append(row);
  }
};

const open = (name, to, before = []) => {
  const tell = (told) => {
    waiting.set(name, told.waiting);
    why.set(name, told.offline);
    const all = [...waiting.values()].reduce((sum, n) => sum + n, 0);
    const reasons = [login, place].filter((_, index) => [...why.values()].includes(["login", "place"][index]));
    note.textContent = all ? [words.replace("{n}", all), ...reasons].join(" · ") : "";
    for (const result of told.results ?? []) {
      if (result.ok || (told.aside && !told.isLost)) continue;
      const line = refused.appendChild(element("p", result.text));
      line.append(element("span", ` ${what(result.scan ?? told.aside)}`, "muted small break"));
    }
    if (told.aside) drawAside();
  };
  const queue = new ScanQueue(name, to, token, tell, before);
  waiting.set(name, queue.waiting.length);
  return queue;
};

drawAside();
const every = (kind, to, before) => Object.keys(localStorage)
  .filter((name) => name.startsWith(kind))
  .map((name) => open(name, to.replace("NUMBER", encodeURIComponent(name.slice(kind.length))), before));
// A parcel leaves when its pieces were picked; counts come last: they are the truth of what was picked and packed before them.
const picked = every("orderwerk.scans.", lists);
const packed = every("orderwerk.packed.", parcels, picked);
const queues = [open("orderwerk.parcels", table), ...picked, ...packed];
// Who may not change stock has no address to send such scans to; they stay on the device.
if (address) queues.push(open("orderwerk.stock", address, [...picked, ...packed]));
for (const queue of queues) queue.send();
