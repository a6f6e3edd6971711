// What other pages of this device have kept and not sent goes out before what comes after it; what the server refuses of it is said here.
import { ScanQueue, sound } from "./scans.js";

const place = document.querySelector("#left-unsent");

// In a place of its own: the next scan does not overwrite it.
const tell = (name, text) => {
  sound(false);
  const line = document.createElement("p");
  line.textContent = `${name}: ${text}`;
  place.append(line);
};

// The queues of a kind ("orderwerk.scans.", "orderwerk.packed."), each with those that go before it. `address` has NUMBER where a
// list's or a shipment's number goes; none where whoever is logged in may not send them.
export const leftUnsent = (kind, address, token, before = []) => {
  if (!address) return [];
  const names = Object.keys(localStorage).filter((name) => name.startsWith(kind));
  return names.map((name) => {
    const number = name.slice(kind.length);
    const heard = (told) => {
      for (const { ok, text } of told.results ?? []) if (!ok) tell(number, text);
    };
    return new ScanQueue(name, address.replace("NUMBER", encodeURIComponent(number)), token, heard, before);
  });
};
// Where to send the scans of lists and parcels from here.
export const addresses = place?.dataset ?? {};
