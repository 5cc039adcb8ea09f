// `npm run bench:page`: how quick the page is in the system's Chromium, with the engine without weights: opening, long lists, searching,
// a long chat, and typing while answers come. Figures are printed, nothing is judged: compare runs of one machine.
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Page } from "playwright-core"
import { openBrowser } from "../../test/e2e/page/browser.ts"
import { openLongChat } from "./long-chat.ts"
import { startPacedProxy } from "./paced-proxy.ts"
import { startPageServer } from "./page-server.ts"
import { importChats, longAnswer, longChat, shortChat, WORDS } from "./sample-chats.ts"
import { writeWhileStreaming } from "./streaming.ts"

const ROUNDS = 5
const CHATS = 10_000
const VISITS = 20
const SEARCHES = 20
const TURNS = 500
/** As a small model on a usual computer, tokens a second of each stream. */
const REAL_RATE = 45
/** The first 8 KB of an answer at once, so that what comes after them is watched at the real rate. */
const PACE = { headCharacters: 8_192, eventsPerSecond: REAL_RATE }
const PACED_BYTES = 10_240
/** At full speed that is gone in seconds. */
const FLOOD_BYTES = 65_536

const folder = await mkdtemp(join(tmpdir(), "fireside-page-"))
const browser = await openBrowser()
const wanted = process.argv[2]
try {
  if (isWanted("open")) show("exec → page can be typed in, ms", await times(ROUNDS, openCold))
  await using server = await startPageServer(folder)
  await fillWithChats(server.url)
  if (isWanted("list")) {
    const page = await browser.newPage()
    show(
      `list of ${CHATS} chats opens, first visit of a browser, ms`,
      await times(ROUNDS, () => firstList(server.url)),
    )
    await settle(page, server.url)
    show(
      `list of ${CHATS} chats opens, page load included, ms`,
      await times(VISITS, () => openList(page, server.url)),
    )
    show("search, request to hits, ms", await times(SEARCHES, (round) => search(server.url, round)))
    await page.close()
  }
  if (isWanted("long")) await longChatFigures(server.url)
  if (isWanted("stream")) {
    await using proxy = await startPacedProxy(server.url, PACE)
    await streamFigures(`${REAL_RATE} tokens/s each`, proxy.url, PACED_BYTES)
    await streamFigures("as fast as they go", server.url, FLOOD_BYTES)
  }
} finally {
  await browser.close()
  await rm(folder, { recursive: true, force: true })
}

function isWanted(part: "open" | "list" | "long" | "stream"): boolean {
  return wanted === undefined || wanted === part
}

async function openCold(): Promise<number> {
  await using server = await startPageServer(folder)
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    await page.goto(server.url)
    await page.getByLabel("Your message", { exact: true }).fill("x")
    return performance.now() - server.startedAt
  } finally {
    await context.close()
  }
}

async function fillWithChats(url: string): Promise<void> {
  for (let from = 0; from < CHATS; from += 500)
    await importChats(
      url,
      Array.from({ length: 500 }, (_, index) => shortChat(from + index)),
    )
}

async function firstList(url: string): Promise<number> {
  const context = await browser.newContext()
  try {
    return await openList(await context.newPage(), url)
  } finally {
    await context.close()
  }
}

/** A browser that has been here before keeps the page's files. */
async function settle(page: Page, url: string): Promise<void> {
  await openList(page, url)
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
}

async function openList(page: Page, url: string): Promise<number> {
  await page.goto("about:blank")
  await page.goto(url, { waitUntil: "commit" })
  const since = performance.now()
  await page
    .getByRole("link", { name: /^Chat \d+/ })
    .first()
    .waitFor()
  return performance.now() - since
}

async function search(url: string, round: number): Promise<number> {
  const query = encodeURIComponent(
    `${WORDS[round % WORDS.length]} ${WORDS[(round * 3 + 1) % WORDS.length]?.slice(0, 4)}`,
  )
  const since = performance.now()
  const response = await fetch(`${url}/api/fireside/v1/conversations/search?query=${query}&limit=50`)
  await response.json()
  return performance.now() - since
}

async function longChatFigures(url: string): Promise<void> {
  await importChats(url, [longChat(CHATS, TURNS)])
  const response = await fetch(`${url}/api/fireside/v1/conversations?limit=1`)
  const [newest] = (await response.json()) as [{ id: string }]
  const page = await browser.newPage()
  const { openMs, frameGapsMs, blankFrames, blankAtRest } = await openLongChat(
    page,
    `${url}/c/${newest.id}`,
    TURNS,
  )
  await page.close()
  show(`chat of ${TURNS} turns opens at its end, ms`, openMs)
  show("  gap between frames while it scrolls, ms", frameGapsMs)
  process.stdout.write(
    `  frames with an empty place: ${blankFrames}; empty places that stay: ${blankAtRest}\n`,
  )
}

async function streamFigures(speed: string, url: string, bytes: number): Promise<void> {
  const page = await browser.newPage()
  const figures = await writeWhileStreaming(page, { url, text: longAnswer(bytes) })
  await page.close()
  show(`8 streams, ${speed}: key to text, ms`, figures.keysMs)
  show(
    `  one update of an answer of ${Math.floor((bytes * 0.8) / 1_024)} KB or more, ms`,
    figures.updatesMs,
    1,
  )
  show("  tasks over 50 ms", figures.longTasksMs)
}

async function times(count: number, measure: (round: number) => Promise<number>): Promise<number[]> {
  const all: number[] = []
  for (let round = 0; round < count; round++) all.push(await measure(round))
  return all
}

function show(title: string, values: readonly number[], decimals = 0): void {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(decimals)
  process.stdout.write(
    `${title}: median ${at(0.5)}, p95 ${at(0.95)}, min ${at(0)}, max ${at(1)} (${values.length})\n`,
  )
}
