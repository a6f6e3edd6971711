// What earlier visits left unsent goes out from here too.
import { ScanQueue } from "./scans.js";

const note = document.querySelector("#unsent");
const queue = new ScanQueue("orderwerk.stock", note.dataset.address, note.dataset.token, ({ waiting }) => {
  note.textContent = waiting ? note.dataset.words.replace("{n}", waiting) : "";
});
queue.send();
