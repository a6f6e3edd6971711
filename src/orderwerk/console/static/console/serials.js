// Takes the serial number out of a GS1 code that a scanner types into a field with one number a line.
import { gs1 } from "./gs1.js";

const read = (field) => {
  if (!("serials" in (field.dataset ?? {}))) return;
  field.value = field.value.split("\n").map((line) => gs1(line)?.serial || line).join("\n");
};
document.addEventListener("input", (event) => { if (event.target.value?.endsWith("\n")) read(event.target); });
document.addEventListener("change", (event) => read(event.target));
