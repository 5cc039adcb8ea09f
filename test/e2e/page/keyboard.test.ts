// Everything without a mouse, by the keys that the shortcut sheet names.
import type { Page } from "playwright-core"
import { expect, test } from "vitest"
import { usePageWorld, visit } from "./browser.ts"
import { storeChat } from "./stored-chat.ts"

const world = usePageWorld(["--engine", "echo"])

const composer = (page: Page) => page.getByLabel("Your message", { exact: true })
const focusedText = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? "")
const focusedRegion = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest("[data-region]")?.getAttribute("data-region"))

test("the sheet names the keys, and closing it gives the focus back", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await composer(page).focus()
  await page.keyboard.press("Control+/")
  const sheet = page.getByRole("dialog", { name: "Keyboard" })
  await sheet.getByText("Everything by name").waitFor()
  await page.keyboard.press("Escape")
  await sheet.waitFor({ state: "detached" })
  await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA")
  expect(visited.errors).toEqual([])
})

test("the palette goes to screens and to chats", async () => {
  const { id } = await storeChat(world.serving, {
    title: "A chat about kelp",
    said: [{ role: "user", content: "kelp?" }],
  })
  await using visited = await visit(world.browser, `${world.serving.url}/system`)
  const { page } = visited
  const field = page.getByPlaceholder("Type a command or a chat’s name")
  await page.getByRole("link", { name: "A chat about kelp" }).waitFor()
  await page.keyboard.press("Control+k")
  await field.fill("kelp")
  await page.getByRole("button", { name: "A chat about kelp", exact: true }).waitFor()
  await page.keyboard.press("Enter")
  await page.waitForURL(`**/c/${id}`)
  // By what was said in it.
  await page.keyboard.press("Control+k")
  await field.fill("kelp?")
  await page.getByRole("button", { name: "A chat about kelp", exact: true }).waitFor()
  await field.fill("Privacy")
  await page.keyboard.press("Enter")
  await page.waitForURL("**/privacy")
  await page.keyboard.press("Control+Shift+O")
  await page.waitForURL(`${world.serving.url}/`)
  // A new chat puts the cursor where one writes, as soon as it is there.
  await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA")
  await page.keyboard.press("Control+Shift+F")
  expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Search chats")
  expect(visited.errors).toEqual([])
})

test("F6 goes round the regions of the page", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await composer(page).focus()
  const regions = new Set<string | null | undefined>()
  for (let press = 0; press < 3; press += 1) {
    await page.keyboard.press("F6")
    regions.add(await focusedRegion(page))
  }
  expect(regions).toEqual(new Set(["search", "main", "composer"]))
  expect(visited.errors).toEqual([])
})

test("Alt with arrows goes from answer to answer and from version to version", async () => {
  const { id, messageIds } = await storeChat(world.serving, {
    title: "Answers",
    said: [
      { role: "user", content: "one" },
      { role: "assistant", content: "first answer" },
      { role: "user", content: "two" },
      { role: "assistant", content: "second answer" },
    ],
  })
  await world.serving.post(`/api/fireside/v1/conversations/${id}/messages`, {
    message: { role: "assistant", content: "second answer, once more" },
    parentId: messageIds[2],
  })
  await using visited = await visit(world.browser, `${world.serving.url}/c/${id}`)
  const { page } = visited
  await page.getByText("second answer, once more").waitFor()
  await page.getByRole("log").focus()
  await page.keyboard.press("Alt+ArrowDown")
  expect(await focusedText(page)).toContain("first answer")
  await page.keyboard.press("Alt+ArrowDown")
  expect(await focusedText(page)).toContain("second answer, once more")
  await page.keyboard.press("Alt+ArrowLeft")
  await page.getByText("1/2").waitFor()
  await page.getByRole("region", { name: "Answer" }).getByText("second answer", { exact: true }).waitFor()
  await page.keyboard.press("Alt+ArrowRight")
  await page.getByText("second answer, once more").waitFor()
  await page.keyboard.press("Alt+ArrowUp")
  expect(await focusedText(page)).toContain("first answer")
  expect(new URL(page.url()).pathname).toBe(`/c/${id}`)
  expect(visited.errors).toEqual([])
})

test("↑ in an empty field edits the last message, Escape leaves it as it was", async () => {
  const { id } = await storeChat(world.serving, {
    title: "Edit me",
    said: [
      { role: "user", content: "say this" },
      { role: "assistant", content: "this" },
    ],
  })
  await using visited = await visit(world.browser, `${world.serving.url}/c/${id}`)
  const { page } = visited
  await page.getByText("say this").waitFor()
  await composer(page).focus()
  await page.keyboard.press("ArrowUp")
  const editor = page.getByLabel("Edit your message")
  await editor.and(page.locator("textarea")).waitFor()
  await page.keyboard.press("Escape")
  await page.getByRole("region", { name: "You" }).getByText("say this").waitFor()
})
