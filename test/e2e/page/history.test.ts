// Chats that are kept: found by their words, taken along and brought back, brought from other programs.
import { readFile } from "node:fs/promises"
import type { Page } from "playwright-core"
import { expect, test } from "vitest"
import { usePageWorld, visit } from "./browser.ts"
import { CHATGPT_EXPORT, CLAUDE_EXPORT, OPEN_WEBUI_EXPORT } from "./foreign-exports.ts"
import { storeChat } from "./stored-chat.ts"

const world = usePageWorld(["--engine", "echo"])

const titles = (page: Page) => page.getByRole("region", { name: "Conversations" }).getByRole("link")

test("a search opens the chat, on the branch and at the message that has the words", async () => {
  await storeChat(world.serving, {
    title: "Soup for six",
    said: [
      { role: "user", content: "A soup for six, please." },
      { role: "assistant", content: "Leeks, potatoes and a pinch of nutmeg." },
    ],
  })
  const walks = await storeChat(world.serving, {
    title: "Walks near the sea",
    said: [
      { role: "user", content: "Where to walk?" },
      { role: "assistant", content: "Along the dunes to the semaphore tower." },
    ],
  })
  // A later version of the answer is what the chat opens with by itself.
  const [question] = walks.messageIds
  await world.serving.post(`/api/fireside/v1/conversations/${walks.id}/messages`, {
    message: { role: "assistant", content: "Through the village." },
    parentId: question,
  })
  await using visited = await visit(world.browser, `${world.serving.url}/c/${walks.id}`)
  const { page } = visited
  const answer = page.getByRole("region", { name: "Answer" })
  await answer.getByText("Through the village.").waitFor()
  await page.getByLabel("Search chats").fill("semaphore")
  const hits = page.getByRole("region", { name: "What was found" }).getByRole("link")
  await hits.getByText("Walks near the sea").waitFor()
  expect(await hits.count()).toBe(1)
  expect(await hits.locator("mark").allTextContents()).toEqual(["semaphore"])
  await page.goto(`${world.serving.url}/models`)
  await page.getByLabel("Search chats").fill("semaphore")
  await hits.first().click()
  await page.waitForURL(`**/c/${walks.id}?*`)
  await answer.getByText("Along the dunes to the semaphore tower.").waitFor()
  expect(await answer.getByText("Through the village.").count()).toBe(0)
  expect(await answer.getByText("semaphore").isVisible()).toBe(true)
  await page.getByLabel("Search chats").fill("no such word anywhere")
  await page.getByText("No chat has these words.").waitFor()
  expect(visited.errors).toEqual([])
})

test("chats are saved to a file, deleted with everything, and come back from the file as they were", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await titles(page).getByText("Soup for six").waitFor()
  const before = await messagesOfAll(page)
  expect(before).toContainEqual({
    title: "Soup for six",
    said: expect.arrayContaining(["A soup for six, please."]),
  })
  await page.getByRole("button", { name: "Which chats, import and export" }).click()
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Export all chats" }).click(),
  ])
  const file = await download.path()
  expect(JSON.parse(await readFile(file, "utf8"))).toBeTypeOf("object")

  await page.goto(`${world.serving.url}/privacy`)
  await page.getByRole("button", { name: "Delete…" }).click()
  const dialog = page.getByRole("dialog", { name: "Are you sure?" })
  const action = dialog.getByRole("button", { name: "Delete for good" })
  expect(await action.isDisabled()).toBe(true)
  await dialog.getByLabel("Type “delete” to confirm").fill("delete")
  await visited.picture("erase-light")
  await action.click()
  await page.getByText(/conversations were deleted/).waitFor()
  await page.getByRole("button", { name: "Begin anew" }).click()
  await page.getByText("Your chats will be listed here.").waitFor()

  await importFile(page, { name: "fireside-chats.json", text: await readFile(file, "utf8") })
  await page.getByText(/2 chats came in/).waitFor()
  await titles(page).getByText("Soup for six").waitFor()
  expect(await messagesOfAll(page)).toEqual(before)
  expect(visited.errors).toEqual([])
})

test.each([
  ["ChatGPT", CHATGPT_EXPORT, "Lanterns", "Whale oil, long ago."],
  ["Claude", CLAUDE_EXPORT, "Tides", "Twice a day, almost."],
  ["Open WebUI", OPEN_WEBUI_EXPORT, "Foghorns", "Low notes carry far."],
])("an export of %s comes in and can be read", async (_, exported, title, answer) => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await importFile(page, { name: "conversations.json", text: JSON.stringify(exported) })
  await page.getByText("1 chat came in.").waitFor()
  await titles(page).getByText(title).click()
  await page.getByRole("region", { name: "Answer" }).getByText(answer).waitFor()
  expect(visited.errors).toEqual([])
})

test("a file that is none of these says so", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await importFile(page, { name: "holiday.jpg", text: "no json" })
  await page.getByText("holiday.jpg is not a JSON file.").waitFor()
  expect(visited.errors).toEqual([])
})

test("one chat is saved as Markdown under its name, removed, and taken out of the trash", async () => {
  await storeChat(world.serving, { title: "Knots", said: [{ role: "user", content: "A bowline?" }] })
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  const more = page.getByRole("button", { name: "What can be done with “Knots”" })
  await page.getByRole("link", { name: "Knots" }).hover()
  await more.click()
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Save as Markdown" }).click(),
  ])
  expect(download.suggestedFilename()).toBe("Knots.md")
  expect(await readFile(await download.path(), "utf8")).toContain("A bowline?")
  await more.click()
  await page.getByRole("menuitem", { name: "Remove" }).click()
  await page.getByText("“Knots” is in the trash.").waitFor()
  await page.getByRole("link", { name: "Knots" }).waitFor({ state: "detached" })
  await page.getByRole("button", { name: "Undo" }).click()
  await page.getByRole("link", { name: "Knots" }).waitFor()
  expect(visited.errors).toEqual([])
})

interface Read {
  readonly title: string
  readonly said: readonly string[]
}

/** Every chat with all that was said in it, through the API: what the page shows is one branch. */
async function messagesOfAll(page: Page): Promise<readonly Read[]> {
  const base = `${world.serving.url}/api/fireside/v1/conversations`
  const list = (await (await page.request.get(base)).json()) as { id: string; title: string }[]
  const all = await Promise.all(
    list.map(async ({ id, title }) => {
      const messages = (await (await page.request.get(`${base}/${id}/messages`)).json()) as {
        message: { content: string }
      }[]
      return { title, said: messages.map(({ message }) => message.content).sort() }
    }),
  )
  return all.sort((a, b) => a.title.localeCompare(b.title))
}

async function importFile(page: Page, file: { readonly name: string; readonly text: string }): Promise<void> {
  await page.getByRole("button", { name: "Which chats, import and export" }).click()
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("menuitem", { name: /^Import chats/ }).click(),
  ])
  await chooser.setFiles({ name: file.name, mimeType: "application/json", buffer: Buffer.from(file.text) })
}
