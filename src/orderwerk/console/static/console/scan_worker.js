// Keeps the scan pages that were opened on this device, so that they open again without a connection: the network first, the kept
// page where it does not answer. Nothing else of the console is kept, nothing is kept that another person saw, and a logout or
// the login page forgets it all.
const STORE = "orderwerk.scan.1";
const PERSON = "/scan/person";
const MOST_PAGES = 40;
const SCANNED = [/^\/scan\/$/, /^\/scan\/(receive|put-away|move|count)\/.+\/$/, /^\/pick-lists\/[^/]+\/scan\/$/, /^\/shipments\/[^/]+\/pack\/$/, /^\/shipments\/pack\/(lists\/[^/]+\/)?$/];
const DOORS = /^\/account\/(login|logout)\//;
const AWAY = [502, 503, 504];

const ours = (address) => new URL(address).origin === self.location.origin;
const isScanned = (address) => ours(address) && SCANNED.some((path) => path.test(new URL(address).pathname));
const isFile = (address) => ours(address) && new URL(address).pathname.startsWith("/static/");
const forget = () => caches.delete(STORE);

// Whose page it is stands in it; where nobody's name does, it is none to keep.
const keep = async (address, answer) => {
  const person = /<html[^>]* data-person="([^"]+)"/.exec(await answer.clone().text())?.[1];
  if (!person) return;
  const known = await caches.match(PERSON, { cacheName: STORE });
  if (known && (await known.text()) !== person) await forget();
  const store = await caches.open(STORE);
  await store.put(PERSON, new Response(person));
  await store.put(address, answer);
  const pages = (await store.keys()).filter((kept) => isScanned(kept.url));
  for (const old of pages.slice(0, Math.max(0, pages.length - MOST_PAGES))) await store.delete(old);
};

// The page says of itself that it is a kept one: its figures may be older than what this device has sent since.
const kept = async (request) => {
  const found = await caches.match(request, { cacheName: STORE, ignoreVary: true });
  if (!found) return null;
  const text = (await found.text()).replace("<html ", "<html data-kept ");
  return new Response(text, { status: 200, headers: found.headers });
};

const page = async (event) => {
  let answer = null;
  try {
    answer = await fetch(event.request);
  } catch {
    return (await kept(event.request)) ?? Response.error();
  }
  if (AWAY.includes(answer.status)) return (await kept(event.request)) ?? answer;
  if (answer.status === 200) event.waitUntil(keep(event.request.url, answer.clone()));
  // Who may not see it any more does not see the kept one either.
  else if (answer.status >= 400) event.waitUntil(caches.open(STORE).then((store) => store.delete(event.request)));
  return answer;
};

const file = async (request) => {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request, { cacheName: STORE, ignoreVary: true })) ?? Response.error();
  }
};

const door = async (event) => {
  if (event.request.method === "POST") await forget();
  const answer = await fetch(event.request);
  if (answer.status === 200) await forget();
  return answer;
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("orderwerk.scan.") && name !== STORE).map((name) => caches.delete(name)))));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && ours(request.url) && DOORS.test(new URL(request.url).pathname)) event.respondWith(door(event));
  else if (request.mode === "navigate" && request.method === "GET" && isScanned(request.url)) event.respondWith(page(event));
  else if (request.method === "GET" && isFile(request.url)) event.respondWith(file(request));
});

// A scan page tells which files it uses; the first one was there before this worker was, and is fetched once more.
self.addEventListener("message", (event) => {
  const look = async () => {
    const { address, files } = event.data;
    if (!isScanned(address)) return;
    if (!(await caches.match(address, { cacheName: STORE, ignoreVary: true }))) {
      const answer = await fetch(address, { redirect: "error" });
      if (answer.status === 200) await keep(address, answer);
    }
    const store = await caches.open(STORE);
    await Promise.all(files.filter(isFile).map((name) => store.add(name).catch(() => {})));
    event.ports[0]?.postMessage("kept");
  };
  event.waitUntil(look().catch(() => {}));
});
