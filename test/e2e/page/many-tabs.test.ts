// A browser opens six connections to a server for all its tabs: tabs that nobody looks at leave them to the one in front.
import { expect, test } from "vitest"
import { usePageWorld, visit, visitIn } from "./browser.ts"

const world = usePageWorld(["--engine", "echo"])
const TABS = 8

test("with eight tabs open, the one in sight answers", async () => {
  await using front = await visit(world.browser, world.serving.url)
  const context = front.page.context()
  // A browser without a window takes all tabs for visible.
  await context.addInitScript(() => {
    const isHidden = location.search === "?behind"
    Object.defineProperty(document, "hidden", { get: () => isHidden })
  })
  for (let tab = 1; tab < TABS; tab++) {
    const { page } = await visitIn(context, `${world.serving.url}/?behind`)
    await page.getByLabel("Your message", { exact: true }).waitFor()
  }
  const { page, errors } = await visitIn(context, world.serving.url)
  await page.getByLabel("Your message", { exact: true }).fill("is anybody there?")
  await page.keyboard.press("Enter")
  await page.getByRole("region", { name: "Answer" }).getByText("is anybody there?").waitFor()
  await page.getByRole("button", { name: "Answer again" }).waitFor()
  expect(errors).toEqual([])
})
