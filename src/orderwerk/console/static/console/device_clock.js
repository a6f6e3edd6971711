// How far the clock of this device is from the server's, as answers of the server tell; known over reloads, and without a connection too.
const CLOCK = "orderwerk-clock";
// An answer that was longer under way says too little of now.
const LONGEST = 10_000;
// No answer comes at once: what differs by less is the same.
const ALIKE = 2000;

// Milliseconds by which the server's clock is ahead; undefined where that was never measured.
export const ahead = () => {
  const measured = Number(localStorage.getItem(CLOCK) ?? NaN);
  return Number.isSafeInteger(measured) ? measured : undefined;
};

// `began`: how this clock stood as it was asked. An answer tells when it was written, about halfway; in a word of our own, because a
// proxy writes its own Date, and scans are put right by our clock.
export const measure = (answer, began) => {
  const [now, written] = [Date.now(), Number(answer.headers.get("X-Orderwerk-Now") ?? NaN)];
  const way = now - began;
  // A clock that is set while an answer is under way measures nothing.
  if (!(way >= 0 && way <= LONGEST) || Number.isNaN(written)) return;
  const measured = Math.round(written - (now - way / 2));
  if (Math.abs(measured - ahead()) < ALIKE) return;
  try {
    localStorage.setItem(CLOCK, String(measured));
  } catch {
    // Nothing more is stored, and no scan either.
  }
};

// Asked by itself, for who scans before anything is sent. It is the network that answers, never what was kept.
export const ask = async () => {
  const began = Date.now();
  try {
    measure(await fetch("/healthz", { method: "HEAD", cache: "no-store", redirect: "error" }), began);
  } catch {
    // No connection: what was measured before stands.
  }
};
