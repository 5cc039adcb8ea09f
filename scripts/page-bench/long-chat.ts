// A chat of many turns: how soon its end is there, and how evenly it scrolls.
import type { Page } from "playwright-core"

export interface LongChatTimes {
  readonly openMs: readonly number[]
  /** Between two frames while it is scrolled from the end to the beginning and back. */
  readonly frameGapsMs: readonly number[]
  /** Frames in which part of the window showed no message. */
  readonly blankFrames: number
  /** Messages in sight that show nothing a moment after the scrolling ended. */
  readonly blankAtRest: number
}

const ROUNDS = 5

export async function openLongChat(page: Page, url: string, turns: number): Promise<LongChatTimes> {
  const openMs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await page.goto("about:blank")
    await page.goto(url, { waitUntil: "commit" })
    const since = performance.now()
    await page.getByText(`Question ${turns - 1}: and then?`).waitFor()
    await page.waitForFunction(() => {
      const thread = document.querySelector('[role="log"]')
      return thread !== null && thread.scrollHeight - thread.scrollTop - thread.clientHeight < 4
    })
    openMs.push(performance.now() - since)
  }
  return { openMs, ...(await page.evaluate(scrollThrough)) }
}

/** Runs in the page: up and down again at 4,000 pixels a second, faster than anybody reads, as a wheel does that is turned quickly. */
async function scrollThrough(): Promise<Omit<LongChatTimes, "openMs">> {
  const thread = document.querySelector('[role="log"]')
  if (thread === null) throw new Error("there is no thread")
  const PIXELS_PER_MS = 4
  const TRAVEL_MS = 4_000
  const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve))
  const isBlankAt = (share: number) => {
    const { left, top, width, height } = thread.getBoundingClientRect()
    const hit = document.elementFromPoint(left + width / 2, top + height * share)
    return hit === null || (hit.closest("section")?.textContent ?? "x") === ""
  }
  const frameGapsMs: number[] = []
  let blankFrames = 0
  let before = await frame()
  for (const direction of [-1, 1])
    for (const since = before; before - since < TRAVEL_MS; ) {
      const now = await frame()
      frameGapsMs.push(now - before)
      thread.scrollTop += direction * PIXELS_PER_MS * (now - before)
      before = now
      if ([0.25, 0.5, 0.75].some(isBlankAt)) blankFrames += 1
    }
  await new Promise((resolve) => setTimeout(resolve, 300))
  const blankAtRest = [0.25, 0.5, 0.75].filter(isBlankAt).length
  return { frameGapsMs, blankFrames, blankAtRest }
}
