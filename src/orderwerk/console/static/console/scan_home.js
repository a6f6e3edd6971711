// What earlier visits left unsent goes out from here too: of the dock and the shelves, of pick lists and of packed parcels.
import { ScanQueue } from "./scans.js";

const note = document.querySelector("#unsent");
const refused = document.querySelector("#refused");
const { address, lists, parcels, token, words } = note.dataset;
const waiting = new Map();

const open = (name, to) => {
  const tell = (told) => {
    waiting.set(name, told.waiting);
    const all = [...waiting.values()].reduce((sum, n) => sum + n, 0);
    note.textContent = all ? words.replace("{n}", all) : "";
    for (const result of told.results ?? []) {
      if (result.ok) continue;
      const line = document.createElement("p");
      line.textContent = result.text;
      refused.append(line);
    }
  };
  new ScanQueue(name, to, token, tell).send();
};

// Who may not change stock has no address to send such scans to; they stay on the device.
if (address) open("orderwerk.stock", address);
for (const [kind, to] of [["orderwerk.scans.", lists], ["orderwerk.packed.", parcels]]) {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(kind)) open(name, to.replace("NUMBER", encodeURIComponent(name.slice(kind.length))));
  }
}
