// Getting a model in the browser: from the first visit to an answer, and a download with limit, pause and undo. The hub is one on loopback.
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { type LoopbackServer, serveHub, startLoopbackServer } from "@fireside/library/testing"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createFireside, type Fireside } from "../fireside.ts"
import { type Serving, startServing } from "../serve-process.ts"
import { openBrowser, visit } from "./browser.ts"

const CACHE = process.env.FIRESIDE_TEST_CACHE
const REPOSITORY = "bartowski/SmolLM2-135M-Instruct-GGUF"
const TITLE = "SmolLM2 135M Instruct"
const LONG_MS = 120_000

describe.skipIf(CACHE === undefined)("with real weights (needs FIRESIDE_TEST_CACHE)", () => {
  let hub: LoopbackServer
  let fireside: Fireside
  let serving: Serving
  let browser: Browser
  let weightsBytes: number

  beforeAll(async () => {
    hub = await startLoopbackServer()
    const weights = await readFile(join(CACHE ?? "", "smollm2.gguf"))
    weightsBytes = weights.length
    serveHub(hub, {
      id: REPOSITORY,
      files: { "SmolLM2-135M-Instruct-Q4_K_M.gguf": weights },
      licence: "apache-2.0",
    })
    fireside = await createFireside()
    const environment = { FIRESIDE_HF_ENDPOINT: hub.origin }
    serving = await startServing({ ...fireside, start: (argv) => fireside.start(argv, environment) })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await serving?.[Symbol.asyncDispose]()
    await fireside?.[Symbol.asyncDispose]()
    await hub?.[Symbol.asyncDispose]()
  })

  test("from an empty home to an answer in at most four clicks", { timeout: LONG_MS }, async () => {
    await using visited = await visit(browser, serving.url)
    const { page } = visited
    const clicks = await countClicks(page)
    await page.waitForURL("**/welcome")
    const card = page.getByRole("article", { name: TITLE })
    await card.getByText(/licence Apache-2.0/).waitFor()
    await card.getByText(/Downloads about .* from Hugging Face/).waitFor()
    await visited.picture("welcome-proposals")
    await card.getByRole("button", { name: /Download .* and chat/ }).click()
    await page.waitForURL(`${serving.url}/`, { timeout: LONG_MS })
    await page.getByLabel("Your message", { exact: true }).fill("What is the capital of France?")
    await page.getByRole("button", { name: "Send" }).click()
    await page.locator("[data-words]").getByText(/\w+/).first().waitFor({ timeout: 60_000 })
    expect(await clicks()).toBeGreaterThan(0)
    expect(await clicks()).toBeLessThanOrEqual(4)
    // At a visitor's temperature a small model may go on for ever.
    await page.keyboard.press("Escape")
    await page.getByRole("button", { name: "Answer again" }).waitFor({ timeout: 60_000 })
    expect(visited.errors).toEqual([])
    expect([...visited.hosts]).toEqual([new URL(serving.url).host])
  })

  test("a model that was removed is put back, and then gone for good", { timeout: LONG_MS }, async () => {
    await using visited = await visit(browser, `${serving.url}/models`)
    const { page } = visited
    const row = page.getByRole("listitem", { name: "smollm2:135m" })
    await row.waitFor()
    await visited.picture("models-library")
    await removeModel(page)
    await page.getByRole("button", { name: "Undo" }).click()
    await row.waitFor()
    await removeModel(page)
    await row.waitFor({ state: "detached" })
    await page.getByRole("button", { name: "Delete for good now" }).click()
    await page.getByRole("button", { name: "Delete for good now" }).waitFor({ state: "detached" })
    expect(visited.errors).toEqual([])
  })

  test("a download is slowed down, paused, and goes on after a reload", { timeout: LONG_MS }, async () => {
    await using visited = await visit(browser, `${serving.url}/models`)
    const { page } = visited
    const card = page.getByRole("listitem", { name: TITLE })
    await page.getByRole("tab", { name: "Discover" }).click()
    await page.getByLabel("Speed limit").selectOption("5000000")
    await card.getByText(/Needs .* of memory/).waitFor()
    await visited.picture("models-discover")
    await card.getByRole("button", { name: /^Download/ }).click()
    await card.getByText(/ MB of .* a second .* left/).waitFor({ timeout: LONG_MS })
    await visited.picture("models-downloading")
    await card.getByRole("button", { name: "Pause" }).click()
    await card.getByText(/is paused/).waitFor()
    await page.reload()
    await card.getByText(/are here and are kept/).waitFor()
    const before = hub.requests.reduce((sum, { sentBytes }) => sum + sentBytes, 0)
    await card.getByLabel("Speed limit").selectOption("0")
    await card.getByRole("button", { name: "Go on" }).click()
    await card.getByText("In your library").waitFor({ timeout: LONG_MS })
    const after = hub.requests.reduce((sum, { sentBytes }) => sum + sentBytes, 0)
    expect(after - before).toBeLessThan(weightsBytes)
    expect(visited.errors).toEqual([])
  })
})

/** Every click of a person until now, as the page itself sees them. */
async function countClicks(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    sessionStorage.setItem("clicks", "0")
    document.addEventListener(
      "click",
      ({ isTrusted }) => {
        if (isTrusted) sessionStorage.setItem("clicks", String(Number(sessionStorage.getItem("clicks")) + 1))
      },
      { capture: true },
    )
  })
  return () => page.evaluate(() => Number(sessionStorage.getItem("clicks")))
}

async function removeModel(page: Page): Promise<void> {
  await page.getByRole("button", { name: "More for smollm2:135m" }).click()
  await page.getByRole("menuitem", { name: "Remove" }).click()
}
