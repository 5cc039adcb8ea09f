// Two tabs of one browser, and another browser: what one does shows in the others without a reload.
import type { Page } from "playwright-core"
import { expect, test } from "vitest"
import { usePageWorld, visit, visitIn } from "./browser.ts"
import { storeChat } from "./stored-chat.ts"

const world = usePageWorld(["--engine", "echo"])

const row = (page: Page, title: string) =>
  page.getByRole("region", { name: "Conversations" }).getByRole("link", { name: title, exact: true })

async function choose(page: Page, title: string, action: string): Promise<void> {
  // A tab in the background is slow to be pointed at.
  await page.bringToFront()
  await row(page, title).hover()
  await page.getByRole("button", { name: `What can be done with “${title}”` }).click()
  await page.getByRole("menuitem", { name: action }).click()
}

test("a message, a rename, a pin and a removal in one show in the other", async () => {
  const { id } = await storeChat(world.serving, {
    title: "Before",
    said: [
      { role: "user", content: "hello" },
      { role: "assistant", content: "hello" },
    ],
  })
  await using first = await visit(world.browser, `${world.serving.url}/c/${id}`)
  await using second = await visitIn(first.page.context(), `${world.serving.url}/c/${id}`)
  await using device = await visit(world.browser, world.serving.url, { size: { width: 900, height: 700 } })
  const answers = second.page.getByRole("region", { name: "Answer" })
  await answers.getByText("hello").waitFor()
  await row(device.page, "Before").waitFor()

  await first.page.getByLabel("Your message", { exact: true }).fill("written in the first")
  await first.page.keyboard.press("Enter")
  await answers.getByText("written in the first").waitFor()

  await choose(first.page, "Before", "Rename")
  await first.page.getByRole("textbox", { name: "Rename" }).fill("After")
  await first.page.keyboard.press("Enter")
  await row(second.page, "After").waitFor()
  await row(device.page, "After").waitFor()
  expect(await first.page.getByRole("menu").count()).toBe(0)
  await second.page.getByRole("heading", { level: 1, name: "After" }).waitFor()

  await choose(second.page, "After", "Pin")
  await first.page.getByText("Pinned").waitFor()

  await choose(first.page, "After", "Remove")
  await row(second.page, "After").waitFor({ state: "detached" })
  await row(device.page, "After").waitFor({ state: "detached" })
  await first.page.bringToFront()
  await first.page.getByRole("button", { name: "Undo" }).click()
  await row(second.page, "After").waitFor()
  for (const { errors } of [first, second, device]) expect(errors).toEqual([])
})
