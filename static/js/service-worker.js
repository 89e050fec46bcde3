// Keeps pages and their parts that were seen, and answers with them while the server cannot be reached. Never writes,
// never answers in place of a server that is there. Signing out empties it.
const PAGES = "pages-1";
const PARTS = "parts-1";
const MOST_PAGES = 60;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && url.pathname.startsWith("/accounts/")) event.waitUntil(forget());
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (["style", "script", "image", "font"].includes(request.destination)) event.respondWith(part(request));
});

async function page(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected && answer.type === "basic") await keep(PAGES, request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(request, { cacheName: PAGES });
    if (kept) return kept;
    const offline = await caches.match("/offline", { cacheName: PAGES });
    if (offline) return offline;
    throw error;
  }
}

async function part(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await keep(PARTS, request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(request, { cacheName: PARTS });
    if (kept) return kept;
    throw error;
  }
}

async function keep(name, request, answer) {
  const cache = await caches.open(name);
  await cache.put(request, answer);
  if (name !== PAGES) return;
  if (!(await cache.match("/offline"))) await cache.add("/offline");
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_PAGES)).map((key) => cache.delete(key)));
}

async function forget() {
  await Promise.all([PAGES, PARTS].map((name) => caches.delete(name)));
}
