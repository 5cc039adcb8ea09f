// From nothing to an answer of a real model, as somebody does who has never used such a thing.
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { usePageWorld, visit } from "./browser.ts"

const CACHE = process.env.FIRESIDE_TEST_CACHE

describe.skipIf(CACHE === undefined)("with real weights (needs FIRESIDE_TEST_CACHE)", () => {
  const world = usePageWorld()

  test("without a model the page says hello and what it can do", async () => {
    await using visited = await visit(world.browser, world.serving.url)
    await visited.page.waitForURL("**/welcome")
    await visited.page.getByRole("heading", { level: 1 }).waitFor()
    await visited.picture("first-visit")
    expect(visited.errors).toEqual([])
  })

  test("with a model it answers, says how fast, and an answer can be stopped", {
    timeout: 240_000,
  }, async () => {
    const model = join(CACHE ?? "", "smollm2.gguf")
    expect(await world.fireside.call(["import", model, "--name", "smollm2:135m"])).toMatchObject({
      exitCode: 0,
    })
    await using visited = await visit(world.browser, world.serving.url)
    const { page } = visited
    await page.getByLabel("Your message", { exact: true }).fill("What is the capital of France?")
    await page.keyboard.press("Enter")
    // What it says, and how long, is chance: a visitor's temperature is not 0.
    const words = page
      .locator("[data-live=true] [data-words]")
      .getByText(/\w+ \w+/)
      .first()
    // A short answer may be whole before it is seen being written.
    await page
      .locator("[data-words]")
      .getByText(/\w+ \w+/)
      .first()
      .waitFor({ timeout: 60_000 })
    await page.keyboard.press("Escape")
    await page.getByRole("button", { name: "Answer again" }).waitFor()
    await page
      .getByLabel("Your message", { exact: true })
      .fill("Write a very long story about a lighthouse keeper.")
    await page.keyboard.press("Enter")
    await words.waitFor({ timeout: 60_000 })
    await page.keyboard.press("Escape")
    await page.getByText("This answer was stopped.").last().waitFor()
    // Whoever stops wants to write on: the focus has gone nowhere.
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Your message")
    await visited.picture("stopped-light")
    expect(visited.errors).toEqual([])
  })
})
