// Keeps the scan pages that were opened on this device for a day, so that they open again without a connection: the network first, the
// kept page where it does not answer. Nothing else of the console is kept, nothing is kept that another person saw, and a logout or
// the login page forgets it all. Where the device's storage is full or broken, everything goes on without it.
const STORE = "orderwerk.scan.1";
const PERSON = "/scan/person";
const KEPT_AT = "X-Kept-At";
const MOST_PAGES = 40;
const [HOUR, DAY] = [3_600_000, 86_400_000];
const SCANNED = [/^\/scan\/$/, /^\/scan\/(receive|put-away|move|count)\/.+\/$/, /^\/pick-lists\/[^/]+\/scan\/$/, /^\/shipments\/[^/]+\/pack\/$/, /^\/shipments\/pack\/(lists\/[^/]+\/)?$/];
const DOORS = /^\/account\/(login|logout)\//;
const AWAY = [502, 503, 504];

const ours = (address) => new URL(address).origin === self.location.origin;
const isScanned = (address) => ours(address) && SCANNED.some((path) => path.test(new URL(address).pathname));
const isFile = (address) => ours(address) && new URL(address).pathname.startsWith("/static/");
// What was done or scanned just before, and where a page leads back to, make no other page of it: a day of parcels would push all others out.
const place = (address) => {
  const bare = new URL(address);
  for (const name of ["done", "changed", "back", "scan"]) bare.searchParams.delete(name);
  return bare.href;
};
const found = (address) => caches.match(address, { cacheName: STORE, ignoreVary: true });

// How often it was all forgotten: what was asked for before that is not kept any more when it comes.
let times = 0;
const forget = async () => {
  times += 1;
  try {
    await caches.delete(STORE);
  } catch {
    // What cannot be kept cannot be forgotten either.
  }
};

const dated = async (answer) => {
  const headers = new Headers(answer.headers);
  headers.set(KEPT_AT, String(Date.now()));
  return new Response(await answer.blob(), { status: 200, headers });
};
const isOld = (answer) => !(Date.now() - Number(answer.headers.get(KEPT_AT)) < DAY);

// Pages, and the files of pages and of releases that nobody opens any more.
let swept = 0;
const sweep = async () => {
  if (Date.now() - swept < HOUR) return;
  swept = Date.now();
  const store = await caches.open(STORE);
  for (const each of await store.keys()) {
    const answer = await store.match(each, { ignoreVary: true });
    if (answer && isOld(answer)) await store.delete(each, { ignoreVary: true });
  }
};

// Whose page it is stands in it; where nobody's name does, it is none to keep.
const keep = async (address, answer, asked) => {
  let since = asked;
  const person = /<html[^>]* data-person="([^"]+)"/.exec(await answer.clone().text())?.[1];
  if (!person) return;
  const known = await found(PERSON);
  const isAnother = known && (await known.text()) !== person;
  if (since !== times) return;
  if (isAnother) {
    const gone = forget();
    since = times;
    await gone;
  }
  const store = await caches.open(STORE);
  await store.put(PERSON, await dated(new Response(person)));
  await store.put(place(address), await dated(answer));
  // Somebody left meanwhile.
  if (since !== times) return forget();
  const pages = (await store.keys()).filter((kept) => isScanned(kept.url));
  for (const old of pages.slice(0, Math.max(0, pages.length - MOST_PAGES))) await store.delete(old);
};

// The page says of itself that it is a kept one: its figures may be older than what this device has sent since.
const kept = async (request) => {
  const page = await found(place(request.url)).catch(() => null);
  if (!page || isOld(page)) return null;
  const text = (await page.text()).replace("<html ", "<html data-kept ");
  return new Response(text, { status: 200, headers: page.headers });
};

const page = async (event) => {
  const since = times;
  let answer = null;
  try {
    answer = await fetch(event.request);
  } catch {
    return (await kept(event.request)) ?? Response.error();
  }
  if (AWAY.includes(answer.status)) return (await kept(event.request)) ?? answer;
  if (answer.status === 200) event.waitUntil(keep(event.request.url, answer.clone(), since).catch(() => {}));
  // Who may not see it any more does not see the kept one either.
  else if (answer.status >= 400) event.waitUntil(caches.open(STORE).then((store) => store.delete(place(event.request.url))).catch(() => {}));
  return answer;
};

const file = async (request) => {
  try {
    return await fetch(request);
  } catch {
    return (await found(request).catch(() => null)) ?? Response.error();
  }
};

// Nobody waits longer than a moment at the door for what lies behind it.
const left = (event) => {
  const gone = forget();
  event.waitUntil(gone);
  return Promise.race([gone, new Promise((go) => setTimeout(go, 1000))]);
};
const door = async (event) => {
  if (event.request.method === "POST") await left(event);
  const answer = await fetch(event.request);
  if (answer.status === 200) await left(event);
  return answer;
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("orderwerk.scan.") && name !== STORE).map((name) => caches.delete(name)))));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") event.waitUntil(sweep().catch(() => {}));
  if (request.mode === "navigate" && ours(request.url) && DOORS.test(new URL(request.url).pathname)) event.respondWith(door(event));
  else if (request.mode === "navigate" && request.method === "GET" && isScanned(request.url)) event.respondWith(page(event));
  else if (request.method === "GET" && isFile(request.url)) event.respondWith(file(request));
});

// A scan page tells which files it uses; the first one was there before this worker was, and is fetched once more.
self.addEventListener("message", (event) => {
  const look = async () => {
    const since = times;
    const { address, files } = event.data;
    if (!isScanned(address)) return;
    const before = await found(place(address));
    if (!before || isOld(before)) {
      const answer = await fetch(address, { redirect: "error" });
      if (answer.status === 200) await keep(address, answer, since);
    }
    const store = await caches.open(STORE);
    const take = async (name) => {
      const answer = await fetch(name);
      if (answer.status === 200) await store.put(name, await dated(answer));
    };
    await Promise.all(files.filter(isFile).map((name) => take(name).catch(() => {})));
    event.ports[0]?.postMessage("kept");
  };
  event.waitUntil(look().catch(() => {}));
});
