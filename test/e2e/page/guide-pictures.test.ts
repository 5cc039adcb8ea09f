// The pictures of the guide, as a person would see these pages. `npm run docs:pictures` puts them into docs/guide/images.
import { describe, expect, test } from "vitest"
import { settled, usePageWorld, type Visit, visit } from "./browser.ts"
import { SMALL_MODEL, useHubWorld, WEIGHTS_FOLDER } from "./hub-world.ts"
import { RICH_CHAT } from "./rich-chat.ts"
import { storeChat } from "./stored-chat.ts"

/** As wide to high as the help makes room for. */
const SIZE = { width: 1120, height: 700 }

/** The prefix is how the script finds them. */
async function take({ page, picture, errors }: Visit, name: string): Promise<void> {
  await settled(page)
  await picture(`guide-${name}-light`)
  expect(errors).toEqual([])
}

describe("on a computer without a model", () => {
  const world = usePageWorld()

  test("the welcome", async () => {
    await using visited = await visit(world.browser, world.serving.url, { size: SIZE })
    await visited.page.getByRole("article").first().waitFor()
    await take(visited, "welcome")
  })
})

describe.skipIf(WEIGHTS_FOLDER === undefined)("with real weights (needs FIRESIDE_TEST_CACHE)", () => {
  const world = useHubWorld({ imported: [SMALL_MODEL, "patient-cook"] })

  test("chat, models, privacy", async () => {
    const { url } = world.serving
    await storeChat(world.serving, { title: "A letter to the landlord", said: [], model: SMALL_MODEL })
    await storeChat(world.serving, { title: "Soup for six", said: [], model: SMALL_MODEL })
    const { id } = await storeChat(world.serving, {
      title: "How a lighthouse works",
      said: RICH_CHAT,
      model: SMALL_MODEL,
    })
    await world.serving.post("/api/fireside/v1/load", { model: SMALL_MODEL })
    await using visited = await visit(world.browser, `${url}/c/${id}`, { size: SIZE })
    const { page } = visited
    await page.locator(".katex").first().waitFor()
    await page.locator("[style*='--shiki']").first().waitFor()
    await page.getByRole("log").evaluate((log) => log.scrollTo(0, 0))
    await take(visited, "chat")
    // Smaller, so that the picture is not too large a file.
    await page.setViewportSize({ width: 1008, height: 630 })
    await page.getByRole("button", { name: "Parameters, and what the model sees" }).click()
    await page.getByLabel("Instructions").waitFor()
    await take(visited, "parameters")
    await page.setViewportSize(SIZE)
    await page.goto(`${url}/models`)
    await page.getByText("In memory").nth(1).waitFor()
    await take(visited, "models")
    await page.getByRole("tab", { name: "Discover" }).click()
    await page
      .getByText(/Needs .* of memory/)
      .first()
      .waitFor()
    await take(visited, "discover")
    await page.goto(`${url}/privacy`)
    await page.getByText("No connection was ever made").first().waitFor()
    await take(visited, "privacy")
  })
})
