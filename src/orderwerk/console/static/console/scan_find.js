// The packing table's first question: what a scanned code means is asked of the server; what means nothing is refused with sound and
// colour and kept in the history, like every other wrong scan.
import { gs1 } from "./gs1.js";
import { ScanQueue, legible, listen, sound } from "./scans.js";

const one = (selector) => document.querySelector(selector);
const finding = JSON.parse(one("#finding").textContent);
const page = one("#scan");
const refuse = (text) => {
  page.dataset.tone = "bad";
  one("#said").textContent = text;
  sound(false);
};

// Of a list it is the queue in which its picks are kept: one that is refused now was made on another page.
const queue = new ScanQueue(finding.queue, finding.log, page.dataset.token, (told) => {
  for (const { ok, text } of told.results ?? []) if (!ok) refuse(text);
});

// One scan after the other, until one of them leads away.
let [asked, going] = [Promise.resolve(), false];
const ask = async (code) => {
  if (going) return;
  const query = new URLSearchParams({ code: gs1(code)?.gtin || code, ...(finding.list && { list: finding.list }) });
  let told;
  try {
    const answer = await fetch(`${finding.find}?${query}`, { redirect: "manual" });
    // Who is not logged in any more is sent to the login.
    if (answer.type === "opaqueredirect") return window.location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    told = await answer.json();
  } catch {
    return refuse(finding.lost);
  }
  if (told.next) {
    going = true;
    sound(true);
    return window.location.assign(told.scan ? `${told.next}&scan=${encodeURIComponent(code)}` : told.next);
  }
  refuse(told.text);
  if (finding.wrong.location !== "") queue.add({ ...finding.wrong, code: legible(code) });
};

listen(one("#scan-form"), one("#code"), (code) => { asked = asked.then(() => ask(code)); });
// What was told of comes once: a page that is loaded again tells it no more.
if (window.location.search) window.history.replaceState(null, "", window.location.pathname);
queue.send();
