// What scanning flows share: scans that survive a lost connection, sound and colour, and the field that a scanner types into.

// A key for one scan, for ever. crypto.randomUUID is there on https only.
export const newKey = () => {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};

// Keeps scans on the device until the server has answered each of them; they are sent in their order, oldest first.
// The server knows every scan by its key, so sending one again does nothing.
export class ScanQueue {
  constructor(name, address, token, tell) {
    Object.assign(this, { name, address, token, tell, sending: false, pause: 0 });
    addEventListener("online", () => this.send());
    addEventListener("pagehide", () => clearTimeout(this.timer));
  }

  get waiting() {
    try {
      return JSON.parse(localStorage.getItem(this.name) ?? "[]");
    } catch {
      return [];
    }
  }

  set waiting(scans) {
    if (scans.length) localStorage.setItem(this.name, JSON.stringify(scans));
    else localStorage.removeItem(this.name);
  }

  add(scan) {
    this.waiting = [...this.waiting, { ...scan, key: newKey(), at: new Date().toISOString() }];
    this.tell({ waiting: this.waiting.length });
    this.send();
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      while (this.waiting.length) await this.sendSome(this.waiting.slice(0, 50));
      this.pause = 0;
      this.tell({ waiting: 0, offline: false });
    } catch {
      // No connection, or nobody is logged in any more: the scans stay here and are tried again.
      this.pause = Math.min(15000, this.pause * 2 || 1000);
      this.timer = setTimeout(() => this.send(), this.pause);
      this.tell({ waiting: this.waiting.length, offline: true });
    } finally {
      this.sending = false;
    }
  }

  async sendSome(scans) {
    const answer = await fetch(this.address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
      body: JSON.stringify({ scans }),
      redirect: "error",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    const answered = new Set(told.results.map((result) => result.key));
    this.waiting = this.waiting.filter((scan) => !answered.has(scan.key));
    this.tell({ ...told, waiting: this.waiting.length, offline: false });
  }
}

// Good is short and high, bad is long and low: to be told apart without looking.
let speaker = null;
export const sound = (good) => {
  navigator.vibrate?.(good ? 40 : [120, 60, 120]);
  try {
    speaker ??= new AudioContext();
    const [tone, volume] = [speaker.createOscillator(), speaker.createGain()];
    tone.frequency.value = good ? 1200 : 190;
    tone.type = good ? "sine" : "square";
    volume.gain.value = 0.12;
    tone.connect(volume).connect(speaker.destination);
    tone.start();
    tone.stop(speaker.currentTime + (good ? 0.08 : 0.45));
  } catch {
    // A browser without sound still has colour.
  }
};

// A scanner is a keyboard that types and presses Enter: the field keeps the focus, whatever was touched before.
export const listen = (form, field, take) => {
  const wait = () => {
    if (!document.querySelector("dialog[open]")) field.focus({ preventScroll: true });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // Some scanners send signs that nobody sees; the separator of GS1 codes is one that means something.
    const code = field.value.replace(/(?!\u001d)\p{C}/gu, "").trim();
    field.value = "";
    if (code) take(code);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("input, select, a, dialog")) wait();
  });
  wait();
  return wait;
};

export const same = (one, other) => {
  const plain = (text) => String(text ?? "").replace(/\p{C}/gu, "").trim().toLowerCase();
  // A GTIN may be written with or without its leading zeros.
  const bare = (text) => (/^\d+$/.test(plain(text)) ? plain(text).replace(/^0+/, "") : plain(text));
  return bare(one) !== "" && bare(one) === bare(other);
};
