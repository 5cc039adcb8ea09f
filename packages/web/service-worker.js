// Keeps the page itself, so that it opens without a server and says so. It never sees the API: what people write is in no cache.
// The build puts the page's files and their version here.
const VERSION = "PAGE-VERSION"
const FILES = JSON.parse('["PAGE-FILES"]')

// Programs that ask for "/" without wanting a page get a line of text: what is kept is what a browser gets.
const DOCUMENT = new Request("/", { headers: { accept: "text/html" } })

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(VERSION)
      .then((cache) => cache.addAll([DOCUMENT, ...FILES]))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((name) => name !== VERSION).map((name) => caches.delete(name))),
      )
      // The document is asked for while this worker wakes.
      .then(() => self.registration.navigationPreload?.enable())
      .then(() => self.clients.claim()),
  )
})

self.addEventListener("fetch", (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== "GET" || url.origin !== location.origin) return
  if (url.pathname.startsWith("/assets/")) event.respondWith(fromCacheFirst(request))
  // The newest document where there is a server; the kept one otherwise.
  else if (request.mode === "navigate" && !url.pathname.startsWith("/docs"))
    event.respondWith(newestDocument(event).catch(() => caches.match("/", { ignoreVary: true })))
})

async function newestDocument({ request, preloadResponse }) {
  return (await preloadResponse) ?? fetch(request)
}

async function fromCacheFirst(request) {
  const kept = await caches.match(request)
  if (kept !== undefined) return kept
  const answer = await fetch(request)
  if (answer.ok) {
    const cache = await caches.open(VERSION)
    await cache.put(request, answer.clone())
  }
  return answer
}
