// Keeps the till's shell, goods and prices for a lost network. Never answers from the cache while the centre answers.
const KEPT = "till-1", SHELL = "/till/offline/", GOODS = "/till/offline/goods.json";

async function keep() {
  const cache = await caches.open(KEPT);
  const shell = await fetch(SHELL, { credentials: "same-origin" });
  if (!shell.ok || shell.redirected) return; // nobody is signed in
  const text = await shell.clone().text();
  await cache.put(SHELL, shell);
  const files = [...text.matchAll(/(?:href|src|data-tickets)="(\/static\/[^"#]+)/g)].map((found) => found[1]);
  const goods = await fetch(GOODS, { credentials: "same-origin" });
  if (goods.ok) await cache.put(GOODS, goods);
  await cache.addAll([...new Set(files)]);
}

self.addEventListener("install", (event) => event.waitUntil(keep().catch(() => {}).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => { if (event.data === "refresh") event.waitUntil(keep().catch(() => {})); });

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  const ours = url.pathname.startsWith("/till/") || url.pathname.startsWith("/static/");
  if (!ours) return;
  event.respondWith(fetch(event.request).catch(async () => {
    const cache = await caches.open(KEPT);
    const page = event.request.mode === "navigate" ? SHELL : url.pathname;
    return (await cache.match(page)) || Response.error();
  }));
});
