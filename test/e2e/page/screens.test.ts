// Every screen in light and dark, large and small: no error, nothing from elsewhere, no serious barrier. Their pictures are kept to be looked at.
import { AxeBuilder } from "@axe-core/playwright"
import { expect, test } from "vitest"
import { settled, usePageWorld, visit } from "./browser.ts"

const SCREENS = ["welcome", "models", "jobs", "privacy", "system", "settings", "help"] as const
const PHONE = { width: 360, height: 740 }

const world = usePageWorld(["--engine", "echo"])

test.each(SCREENS.flatMap((screen) => [[screen, "light"] as const, [screen, "dark"] as const]))(
  "%s in %s",
  async (screen, theme) => {
    await using visited = await visit(world.browser, `${world.serving.url}/${screen}`, { theme })
    const { page } = visited
    await page.getByRole("heading", { level: 1 }).waitFor()
    await settled(page)
    await visited.picture(`${screen}-${theme}`)
    const { violations } = await new AxeBuilder({ page }).analyze()
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`)).toEqual([])
    expect(visited.errors).toEqual([])
    expect([...visited.hosts]).toEqual([new URL(world.serving.url).host])
  },
)

test.each(SCREENS)("%s on a phone does not scroll sideways", async (screen) => {
  await using visited = await visit(world.browser, `${world.serving.url}/${screen}`, { size: PHONE })
  await visited.page.getByRole("heading", { level: 1 }).waitFor()
  await settled(visited.page)
  await visited.picture(`${screen}-phone`)
  expect(await visited.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
})

test("an address that there is not leads back", async () => {
  await using visited = await visit(world.browser, `${world.serving.url}/help/nothing-here`)
  await visited.page.getByRole("link").first().waitFor()
})
