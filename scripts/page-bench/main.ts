// `npm run bench:page`: how quick the page is in the system's Chromium, with the engine without weights: opening, long lists, searching,
// and an answer of 8 KB while it comes. Figures are printed, nothing is judged: compare runs of one machine.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Page } from "playwright-core"
import { openBrowser } from "../../test/e2e/page/browser.ts"

const MAIN = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url))
const ROUNDS = 5
const CHATS = 10_000
const SEARCHES = 20
const STREAMS = 8
const WORDS = [
  "bread",
  "larch",
  "harbour",
  "violin",
  "glacier",
  "copper",
  "orchard",
  "lantern",
  "meadow",
  "thunder",
]

const folder = await mkdtemp(join(tmpdir(), "fireside-page-"))
const browser = await openBrowser()
try {
  show("exec → page can be typed in, ms", await times(ROUNDS, openCold))
  const { url, stop } = await serve()
  try {
    await fillWithChats(url)
    const page = await browser.newPage()
    show(`list of ${CHATS} chats opens, ms`, await times(ROUNDS, () => openList(page, url)))
    show("search, request to hits, ms", await times(SEARCHES, (round) => search(url, round)))
    const { frames, inputs } = await writeWhileStreaming(page, url)
    show(`longest task in a frame while 8 KB come, ms`, frames)
    show(`key to text with ${STREAMS} streams, ms`, inputs)
  } finally {
    await stop()
  }
} finally {
  await browser.close()
  await rm(folder, { recursive: true, force: true })
}

async function serve(): Promise<{ url: string; startedAt: number; stop: () => Promise<void> }> {
  const startedAt = performance.now()
  const args = [MAIN, "--engine", "echo", "serve", "--port", "0", "--ollama-port", "off", "--json"]
  const child = spawn(process.execPath, args, {
    env: { ...process.env, FIRESIDE_HOME: join(folder, "home") },
    stdio: ["ignore", "pipe", "inherit"],
  })
  const closed = once(child, "close")
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string]
  const { url } = JSON.parse(line) as { url: string }
  return {
    url,
    startedAt,
    stop: async () => {
      child.kill("SIGTERM")
      await closed
    },
  }
}

async function openCold(): Promise<number> {
  const { url, startedAt, stop } = await serve()
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    await page.goto(url)
    await page.getByLabel("Your message", { exact: true }).fill("x")
    return performance.now() - startedAt
  } finally {
    await context.close()
    await stop()
  }
}

/** As files of another program come in: one message each, with words to search for. */
async function fillWithChats(url: string): Promise<void> {
  for (let from = 0; from < CHATS; from += 500) {
    const chats = Array.from({ length: 500 }, (_, index) => chatOf(from + index))
    const response = await fetch(`${url}/api/fireside/v1/conversations/import`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(chats),
    })
    if (!response.ok) throw new Error(`the import answered ${response.status}: ${await response.text()}`)
  }
}

function chatOf(number: number): object {
  const created = new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString()
  const content = `Question ${number} about ${WORDS[number % WORDS.length]} and ${WORDS[(number * 7) % WORDS.length]}`
  return {
    uuid: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
    name: `Chat ${number} ${WORDS[number % WORDS.length]}`,
    created_at: created,
    updated_at: created,
    chat_messages: [
      { uuid: `q${number}`, sender: "human", text: content, created_at: created },
      { uuid: `a${number}`, sender: "assistant", text: `Answer ${number}`, created_at: created },
    ],
  }
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

async function writeWhileStreaming(page: Page, url: string): Promise<{ frames: number[]; inputs: number[] }> {
  const paragraph = "Some **bold** words, a [link](https://a.test), `code`, and a list:\n\n- one\n- two\n\n"
  const long = paragraph.repeat(Math.ceil(8_192 / paragraph.length))
  await page.goto(url)
  await page.evaluate(() => {
    const kept = globalThis as unknown as { longTasks: number[] }
    kept.longTasks = []
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) kept.longTasks.push(duration)
    }).observe({ entryTypes: ["longtask"] })
  })
  const others = Array.from({ length: STREAMS - 1 }, () =>
    fetch(`${url}/api/fireside/v1/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "echo", messages: [{ role: "user", content: long }] }),
    }).then((response) => response.text()),
  )
  await page.getByLabel("Your message", { exact: true }).fill(long)
  await page.keyboard.press("Enter")
  const inputs: number[] = []
  for (let key = 0; key < 20; key++) {
    const since = performance.now()
    await page.getByLabel("Your message", { exact: true }).press("a")
    inputs.push(performance.now() - since)
  }
  await Promise.all(others)
  await page.getByRole("button", { name: "Answer again" }).waitFor()
  const frames = await page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks)
  return { frames: frames.length === 0 ? [0] : frames, inputs }
}

async function times(count: number, measure: (round: number) => Promise<number>): Promise<number[]> {
  const all: number[] = []
  for (let round = 0; round < count; round++) all.push(await measure(round))
  return all
}

function show(title: string, values: readonly number[]): void {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)
  process.stdout.write(`${title}: median ${at(0.5)}, p95 ${at(0.95)}, min ${at(0)}, max ${at(1)}\n`)
}
