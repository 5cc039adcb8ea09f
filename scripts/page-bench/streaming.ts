// Typing, and what one update of the answer in sight costs, while eight answers are written: four of them in this page (a browser opens
// six connections to a server at most, and the page keeps one to hear of changes), four by other programs.
import { setTimeout } from "node:timers/promises"
import type { Page } from "playwright-core"

const STREAMS = 8
const IN_PAGE = 4
/** As somebody types who types fast. */
const BETWEEN_KEYS_MS = 60
const MOST_KEYS = 300
/** Also when the answer in sight is over sooner: the other programs' answers go on. */
const LEAST_KEYS = 60

export interface WhileStreaming {
  /** From a key to the frame that shows its letter. */
  readonly keysMs: readonly number[]
  /** What one update of the answer took, script with layout that it forces, in the last fifth of its length. */
  readonly updatesMs: readonly number[]
  readonly longTasksMs: readonly number[]
}

export async function writeWhileStreaming(
  page: Page,
  { url, text }: { readonly url: string; readonly text: string },
): Promise<WhileStreaming> {
  await page.addInitScript(watch)
  await page.goto(url)
  const field = page.getByLabel("Your message", { exact: true })
  const stop = new AbortController()
  const others = Array.from({ length: STREAMS - IN_PAGE }, () => readAlong(url, text, stop.signal))
  for (let asked = 0; asked < IN_PAGE; asked++) {
    if (asked > 0) await page.getByRole("link", { name: "New chat" }).click()
    await field.fill(text)
    await field.press("Enter")
    await page.waitForURL(/\/c\//)
  }
  await page.locator("[data-live=true]").waitFor()
  await page.evaluate(() => {
    const kept = globalThis as unknown as Watched
    kept.keysMs.length = 0
    kept.longTasksMs.length = 0
  })
  await field.focus()
  const isLive = async () => (await page.locator("[data-live=true]").count()) > 0
  for (let key = 0; key < LEAST_KEYS || (key < MOST_KEYS && (await isLive())); key++) {
    await page.keyboard.press("a")
    await setTimeout(BETWEEN_KEYS_MS)
  }
  await page.getByRole("button", { name: "Answer again" }).waitFor()
  stop.abort()
  await Promise.all(others)
  const { keysMs, updates, longTasksMs } = await page.evaluate(() => {
    const { keysMs, updates, longTasksMs } = globalThis as unknown as Watched
    return { keysMs, updates, longTasksMs }
  })
  const longest = Math.max(...updates.map(({ length }) => length))
  return {
    keysMs,
    longTasksMs,
    updatesMs: updates.filter(({ length }) => length > 0.8 * longest).map(({ ms }) => ms),
  }
}

interface Watched {
  keysMs: number[]
  updates: { readonly ms: number; readonly length: number }[]
  longTasksMs: number[]
}

/** Runs in the page, before its own scripts. An update is a frame's callback and what follows from it at once: state, elements, layout. */
function watch(): void {
  const kept = globalThis as unknown as Watched
  kept.keysMs = []
  kept.updates = []
  kept.longTasksMs = []
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) kept.longTasksMs.push(duration)
  }).observe({ entryTypes: ["longtask"] })
  const onFrame = requestAnimationFrame.bind(globalThis)
  globalThis.requestAnimationFrame = (callback) =>
    onFrame((at) => {
      const live = document.querySelector("[data-live=true]")
      const before = live?.textContent?.length
      const since = performance.now()
      callback(at)
      queueMicrotask(() => {
        const ms = performance.now() - since
        const length = live?.textContent?.length ?? 0
        if (live !== null && length !== before) kept.updates.push({ ms, length })
      })
    })
  addEventListener(
    "input",
    ({ timeStamp }) =>
      onFrame(() => {
        // After the frame that this one belongs to.
        const channel = new MessageChannel()
        channel.port1.onmessage = () => kept.keysMs.push(performance.now() - timeStamp)
        channel.port2.postMessage(undefined)
      }),
    { capture: true },
  )
}

/** One answer after the other, as a program would, until told to stop. */
async function readAlong(url: string, text: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const body = JSON.stringify({ model: "echo", messages: [{ role: "user", content: text }] })
    const headers = { "content-type": "application/json" }
    try {
      const response = await fetch(`${url}/api/fireside/v1/chat`, {
        method: "POST",
        headers,
        body,
        signal,
      })
      await response.text()
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}
