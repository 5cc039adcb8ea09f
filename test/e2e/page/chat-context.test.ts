// A chat that grows full, and what the model saw of it. With the engine that repeats what it is told: a token is a byte or so, 4,096 fit.
import { expect, test } from "vitest"
import { usePageWorld, type Visit, visit } from "./browser.ts"

const world = usePageWorld(["--engine", "echo"])

async function say({ page }: Visit, text: string, answers: number): Promise<void> {
  await page.getByLabel("Your message", { exact: true }).fill(text)
  await page.keyboard.press("Enter")
  await page.waitForFunction(
    (count) =>
      document.querySelectorAll('[data-answer][data-live="false"]').length === count &&
      // The next one is taken when this one is stored.
      document.querySelector('button[aria-label="Send"]') !== null,
    answers,
  )
}

const LONG = "words about larches and snow ".repeat(60)

/** Until the offer is there: the bar tells how full it is, in steps of some 650 tokens. */
async function fillUp(visited: Visit): Promise<void> {
  const bar = visited.page.getByText(/\d+ tokens of 4096/)
  let told = ""
  for (let turn = 1; turn <= 6; turn++) {
    await say(visited, `${turn === 1 ? "First." : `Turn ${turn}.`} ${LONG}`, turn)
    await expect.poll(() => bar.textContent(), { timeout: 10_000 }).not.toBe(told)
    told = (await bar.textContent()) ?? ""
    if (Number.parseInt(told, 10) >= 4_096 * 0.85) break
  }
  await visited.page.getByRole("button", { name: "Shorten the history" }).waitFor()
}

test("a chat that is nearly full offers to be shortened, shows what goes, and takes it back", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await fillUp(visited)
  await visited.picture("context-offers")
  await page.getByRole("button", { name: "Shorten the history" }).click()
  const dialog = page.getByRole("dialog", { name: "Shorten the history" })
  await dialog
    .getByRole("region", { name: "Messages that will not be sent any more" })
    .getByText("First.")
    .first()
    .waitFor()
  await visited.picture("context-shorten")
  await dialog.getByRole("button", { name: "Leave them out" }).click()
  await page.getByText("The messages above are no longer sent to the model.").waitFor()
  // They stay readable, and the chat has room again.
  expect(await page.getByRole("region", { name: "You" }).getByText("First.").count()).toBe(1)
  expect(await page.getByRole("button", { name: "Shorten the history" }).count()).toBe(0)
  await page.getByRole("button", { name: "Parameters, and what the model sees" }).click()
  await page.getByRole("tab", { name: "What the model sees" }).click()
  const seen = page.locator("pre[data-apart]")
  await seen.waitFor()
  expect(await seen.textContent()).not.toContain("First.")
  await page.getByText("The messages above are no longer sent").scrollIntoViewIfNeeded()
  await visited.picture("context-cut")
  await page.getByRole("button", { name: "Send them again" }).click()
  await page.getByRole("button", { name: "Shorten the history" }).waitFor()
  expect(await page.getByText("The messages above are no longer sent").count()).toBe(0)
  expect(visited.errors).toEqual([])
})

test("a summary is written where one can see it, and stands for the older turns", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await fillUp(visited)
  await page.getByRole("button", { name: "Summarise the history" }).click()
  await page.getByRole("button", { name: "Write the summary" }).click()
  const cut = page.getByRole("region", { name: "End of what is not sent" })
  await cut.getByText("Summary that stands for them").waitFor()
  // The engine repeats what it was asked.
  await cut.getByText("Summarise our conversation so far").waitFor()
  await page.reload()
  await cut.getByText("Summary that stands for them").waitFor()
  // As a reader does: what is scrolled by itself goes back to the end.
  await page.getByRole("log").hover()
  await page.mouse.wheel(0, -2_000)
  await page.getByRole("button", { name: "Newest" }).waitFor()
  await visited.picture("context-summary")
  // It stays where its reader went.
  expect(await page.getByRole("button", { name: "Newest" }).count()).toBe(1)
  await page.setViewportSize({ width: 360, height: 740 })
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
  await visited.picture("context-summary-phone")
})

test("more room is offered with its numbers, and the chat goes on with it", async () => {
  await using visited = await visit(world.browser, world.serving.url, { theme: "dark" })
  const { page } = visited
  await fillUp(visited)
  await page.setViewportSize({ width: 360, height: 740 })
  await visited.picture("context-offers-phone-dark")
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.getByRole("button", { name: "Give it more room" }).click()
  await page.getByRole("radio", { name: /8,192 tokens/ }).waitFor()
  await visited.picture("context-larger-dark")
  await page.getByRole("button", { name: "Load it again" }).click()
  await page
    .getByText(/of 8192/)
    .first()
    .waitFor()
  expect(await page.getByRole("button", { name: "Give it more room" }).count()).toBe(0)
  expect(visited.errors).toEqual([])
})

test("what the model saw: coloured by who wrote it, token by token, copied as a command", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"])
  await say(visited, "It's about larches", 1)
  await page.getByRole("button", { name: "Parameters, and what the model sees" }).click()
  await page.getByRole("textbox", { name: "Instructions" }).fill("Be brief.")
  await page.getByRole("tab", { name: "What the model sees" }).click()
  const piece = (kind: string) => page.locator(`pre [data-kind="${kind}"]`)
  await piece("system").getByText("Be brief.").waitFor()
  expect(await piece("user").first().textContent()).toBe("It's about larches")
  expect(await piece("assistant").first().textContent()).toBe("It's about larches")
  const runs = await page.locator("pre [data-kind]").count()
  await visited.picture("seen")
  await page.getByRole("switch", { name: "Show where each token ends" }).check({ force: true })
  await page.locator('pre[data-apart="true"]').waitFor()
  expect(await page.locator("pre [data-kind]").count()).toBeGreaterThan(runs)
  await visited.picture("seen-tokens")
  await page.getByRole("button", { name: "Copy as a curl command" }).click()
  await page.getByRole("button", { name: "Copied" }).waitFor()
  const command = await page.evaluate(() => navigator.clipboard.readText())
  expect(command).toContain(`curl '${world.serving.url}/v1/chat/completions'`)
  expect(command).toContain(`It'\\''s about larches`)
  expect(visited.errors).toEqual([])
})
