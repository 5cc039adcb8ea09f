// The models that are here: what is in memory, comparing, removing one in use; and what could be had, from the hub.
import type { NativeError } from "@fireside/protocol"
import type { Page } from "playwright-core"
import { describe, expect, test } from "vitest"
import { seriousBarriers } from "./barriers.ts"
import { settled, visit } from "./browser.ts"
import { ONLY_AT_HUB, SMALL_MODEL, useHubWorld, WEIGHTS_FOLDER } from "./hub-world.ts"

const OTHER = "second-voice:latest"
const THEMES = ["light", "dark"] as const

describe.skipIf(WEIGHTS_FOLDER === undefined)("with real weights (needs FIRESIDE_TEST_CACHE)", () => {
  const world = useHubWorld({ imported: [SMALL_MODEL, OTHER] })
  const row = (page: Page, name: string) => page.getByRole("listitem", { name, exact: true })

  test("a model is loaded ahead, shows in memory, and is let go", async () => {
    await using visited = await visit(world.browser, `${world.serving.url}/models`)
    const { page } = visited
    await row(page, SMALL_MODEL).getByRole("button", { name: "Load", exact: true }).click()
    await row(page, SMALL_MODEL).getByText("In memory").waitFor()
    await page.getByRole("tab", { name: "In memory" }).click()
    await page.getByText(/^1 model fills .* of memory/).waitFor()
    await row(page, SMALL_MODEL).getByRole("button", { name: "Unload" }).click()
    await page.getByText("Nothing is loaded").waitFor()
    await page.getByRole("button", { name: "To the library" }).click()
    await row(page, SMALL_MODEL).getByRole("button", { name: "Load", exact: true }).waitFor()
    expect(visited.errors).toEqual([])
  })

  test("two models answer the same question, and one of them goes on", { timeout: 240_000 }, async () => {
    await using visited = await visit(world.browser, `${world.serving.url}/compare`, { withoutWorker: true })
    const { page } = visited
    // A small model may go round in circles until its context is full.
    await page.route(
      ({ pathname }) => pathname.endsWith("/chat"),
      async (route) => {
        const asked = route.request().postDataJSON() as Record<string, unknown>
        await route.fallback({ postData: JSON.stringify({ ...asked, maxTokens: 64 }) })
      },
    )
    await page.getByLabel("Question").fill("Name three birds of the coast.")
    await page.getByRole("button", { name: "Ask 2 models" }).click()
    const goOn = page.getByRole("button", { name: "Go on with this answer" })
    await goOn.nth(1).waitFor({ timeout: 200_000 })
    await visited.picture("compare-light")
    expect(await seriousBarriers(page)).toEqual([])
    await goOn.first().click()
    await page.waitForURL("**/c/*")
    await page.getByRole("region", { name: "You" }).getByText("Name three birds of the coast.").waitFor()
    await page.getByRole("region", { name: "Answer" }).waitFor()
  })

  test("a removal that is refused says why, and goes on only when somebody says so", {
    timeout: 240_000,
  }, async () => {
    await using visited = await visit(world.browser, `${world.serving.url}/models`, { withoutWorker: true })
    const { page } = visited
    // As the server says it while a program outside of it has the model loaded.
    let refusals = 2
    await page.route(
      ({ pathname }) => pathname.includes("/models/"),
      async (route) => {
        if (route.request().method() !== "DELETE" || refusals === 0) return route.fallback()
        refusals -= 1
        const error = { code: "model-in-use" as const, message: `${OTHER} is loaded by process 4711.` }
        const refusal: NativeError = { error, requestId: "r" }
        return route.fulfill({ status: 409, json: refusal })
      },
    )
    await page.getByRole("button", { name: `More for ${OTHER}` }).click()
    await page.getByRole("menuitem", { name: "Remove" }).click()
    const refused = row(page, OTHER).getByRole("alert")
    await refused.getByText(`${OTHER} is loaded by process 4711.`).waitFor()
    // The menu fades out without its entries, which axe would take for an empty one.
    await page.locator('[role="menu"]').waitFor({ state: "detached" })
    await visited.picture("models-in-use-light")
    expect(await seriousBarriers(page)).toEqual([])
    await refused.getByRole("button", { name: "Keep it" }).click()
    await row(page, OTHER).waitFor()
    await page.getByRole("button", { name: `More for ${OTHER}` }).click()
    await page.getByRole("menuitem", { name: "Remove" }).click()
    await refused.getByRole("button", { name: "Unload it and remove" }).click()
    await row(page, OTHER).waitFor({ state: "detached" })
    await page.getByRole("button", { name: "Undo" }).click()
    await row(page, OTHER).waitFor()
  })

  test.each(THEMES)("pictures of a library with models, one in memory, in %s", async (theme) => {
    await world.serving.post("/api/fireside/v1/load", { model: SMALL_MODEL })
    await using visited = await visit(world.browser, `${world.serving.url}/models`, { theme })
    const { page } = visited
    await row(page, SMALL_MODEL).getByText("In memory").waitFor()
    await visited.picture(`models-${theme}`)
    expect(await seriousBarriers(page)).toEqual([])
    await row(page, SMALL_MODEL).getByRole("button", { name: "Details" }).click()
    await page.getByRole("dialog").getByText("Context").first().waitFor()
    await settled(page)
    await visited.picture(`model-details-${theme}`)
    expect(await seriousBarriers(page)).toEqual([])
    await page.keyboard.press("Escape")
    await page.getByRole("tab", { name: "In memory" }).click()
    await page.getByText(/^1 model fills/).waitFor()
    await visited.picture(`models-memory-${theme}`)
    expect(await seriousBarriers(page)).toEqual([])
    await page.goto(`${world.serving.url}/system`)
    await page.getByRole("heading", { level: 1 }).waitFor()
    await settled(page)
    await visited.picture(`system-loaded-${theme}`)
    expect(await seriousBarriers(page)).toEqual([])
  })

  test.each(THEMES)("the hub is asked when somebody wants it, in %s", async (theme) => {
    await using visited = await visit(world.browser, `${world.serving.url}/models`, { theme })
    const { page } = visited
    await page.getByRole("tab", { name: "Discover" }).click()
    const asked = () => world.hub.requests.filter(({ path }) => path.startsWith("/api/models?")).length
    const before = asked()
    await page.getByLabel("Search models").fill("driftwood")
    await page.getByText("Fireside's catalogue has nothing for “driftwood”.").waitFor()
    // Typing alone sends nothing anywhere.
    expect(asked()).toBe(before)
    await page.getByRole("button", { name: "Search Hugging Face for “driftwood”" }).click()
    await page.getByText(ONLY_AT_HUB.slice("somebody/".length)).first().waitFor()
    await settled(page)
    await visited.picture(`hub-search-${theme}`)
    expect(await seriousBarriers(page)).toEqual([])
    expect(asked()).toBe(before + 1)
    expect([...visited.hosts]).toEqual([new URL(world.serving.url).host])
    expect(visited.errors).toEqual([])
  })
})
