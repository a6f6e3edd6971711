// Reads what stands in a GS1 code (GS1 General Specifications, section 3): article, lot, day and serial number.
// From the scanner as it is read (with or without a symbology identifier, the separator between fields of open length), or
// as people write it, with brackets. Null: this is no such code, or one whose check digit or day is wrong.

const SEPARATOR = "\u001d";
// Fields of fixed length that may stand before or between the ones that are read; the others end at the separator.
const FIXED = { "00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2 };
// Weights and measures (310n to 369n: six digits), and the numbers of parties (410 to 417).
const MEASURE = /^3[1-6]\d\d/;
const PARTY = /^41[0-7]/;
const OPEN = { "10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "240": 30, "241": 30, "400": 30 };

export const checks = (gtin) => {
  const digits = [...gtin].map(Number);
  const sum = digits.slice(0, -1).reverse().reduce((total, digit, index) => total + digit * (index % 2 ? 1 : 3), 0);
  return (10 - (sum % 10)) % 10 === digits.at(-1);
};

// Six digits: year, month, day; day 00 is the last of its month. The century is the one that lies nearest (section 7.12).
export const day = (text, year = new Date().getUTCFullYear()) => {
  if (!/^\d{6}$/.test(text)) return null;
  const [short, month, date] = [0, 2, 4].map((at) => Number(text.slice(at, at + 2)));
  const apart = short - (year % 100);
  const full = year - (year % 100) + short + (apart >= 51 ? -100 : apart <= -50 ? 100 : 0);
  if (month < 1 || month > 12) return null;
  const last = new Date(Date.UTC(full, month, 0)).getUTCDate();
  if (date > last) return null;
  return [full, String(month).padStart(2, "0"), String(date || last).padStart(2, "0")].join("-");
};

// A day as people type it: as it is printed on the pack (six digits), or with the year in front.
export const typed = (text) => {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return day(text);
  const when = new Date(text);
  return !Number.isNaN(when.getTime()) && when.toISOString().startsWith(text) ? text : null;
};

const length = (ai) => FIXED[ai] ?? (MEASURE.test(ai) ? 6 : PARTY.test(ai) ? 13 : undefined);

const written = (code) => {
  const fields = [...code.matchAll(/\((\d{2,4})\)([^(]*)/g)];
  if (!fields.length || fields.map(([whole]) => whole).join("") !== code) return null;
  return fields.map(([, ai, value]) => [ai, value.trim()]);
};

const scanned = (code) => {
  const fields = [];
  let rest = code.replace(/^\][A-Za-z][0-9]/, "");
  while (rest) {
    if (rest.startsWith(SEPARATOR)) { rest = rest.slice(1); continue; }
    const ai = [2, 3].map((n) => rest.slice(0, n)).find((each) => each in FIXED || each in OPEN) ?? (rest.match(MEASURE) ?? rest.match(PARTY))?.[0];
    if (!ai) return null;
    rest = rest.slice(ai.length);
    const fixed = length(ai);
    const end = fixed ?? (rest.includes(SEPARATOR) ? rest.indexOf(SEPARATOR) : rest.length);
    if (rest.length < end) return null;
    fields.push([ai, rest.slice(0, end)]);
    rest = rest.slice(end);
  }
  return fields;
};

export const gs1 = (code) => {
  const plain = String(code).trim();
  // A bare number is a GTIN or a bin: it begins with an application identifier by accident alone.
  const fields = plain.startsWith("(") ? written(plain) : /^(\]|01\d{14})/.test(plain) ? scanned(plain) : null;
  if (!fields) return null;
  const found = Object.fromEntries(fields);
  if (fields.some(([ai, value]) => (length(ai) ? value.length !== length(ai) : !value || value.length > (OPEN[ai] ?? 90)))) return null;
  const gtin = found["01"] ?? found["02"] ?? "";
  if (gtin && (!/^\d{14}$/.test(gtin) || !checks(gtin))) return null;
  const until = found["17"] ? day(found["17"]) : "";
  if (until === null || (!gtin && !found["10"] && !found["21"])) return null;
  return { gtin, lot: found["10"] ?? "", until, serial: found["21"] ?? "" };
};
