// Kept prompts, personas in the picker, tags, and chats that leave nothing.
import { expect, test } from "vitest"
import { usePageWorld, type Visit, visit } from "./browser.ts"

const world = usePageWorld(["--engine", "echo"])
const field = ({ page }: Visit) => page.getByLabel("Your message", { exact: true })

async function ask(visited: Visit, text: string): Promise<void> {
  await field(visited).fill(text)
  await visited.page.keyboard.press("Enter")
  await visited.page.getByRole("button", { name: "Answer again" }).first().waitFor()
}

test("a text is kept under a name, put in with a slash, changed, removed and brought back", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await field(visited).fill("Find the mistakes in this:")
  await page.getByRole("button", { name: "Your prompts" }).click()
  await page.getByRole("button", { name: "Keep this text" }).click()
  await page.getByLabel("Name").fill("Proofread")
  await page.getByRole("button", { name: "Save" }).click()
  await page.getByRole("button", { name: "Put in “Proofread”" }).waitFor()
  await visited.picture("prompts")
  // Keeping it has sent nothing.
  expect(new URL(page.url()).pathname).toBe("/")
  await page.keyboard.press("Escape")
  await field(visited).fill("")
  await field(visited).pressSequentially("/pro")
  await page.getByRole("option", { name: /Proofread/ }).waitFor()
  await visited.picture("slash-menu")
  await page.keyboard.press("Enter")
  expect(await field(visited).inputValue()).toBe("Find the mistakes in this:")
  expect(await page.getByRole("listbox").count()).toBe(0)

  await page.getByRole("button", { name: "Your prompts" }).click()
  await page.getByRole("button", { name: "Change “Proofread”" }).click()
  await page.getByLabel("Name").fill("Check")
  await page.getByRole("button", { name: "Save" }).click()
  await page.getByRole("button", { name: "Remove “Check”" }).click()
  await page.getByText("There are none yet.").waitFor()
  await page.getByRole("button", { name: "Undo" }).click()
  await page.getByRole("button", { name: "Put in “Check”" }).waitFor()
  const kept = await page.request.get(`${world.serving.url}/api/fireside/v1/prompts`)
  expect(await kept.json()).toMatchObject([{ name: "Check", text: "Find the mistakes in this:" }])
  expect(visited.errors).toEqual([])
})

test("on a phone, in Arabic and in the dark, the menu behind the slash is there too", async () => {
  await using visited = await visit(world.browser, world.serving.url, {
    theme: "dark",
    size: { width: 360, height: 740 },
    locale: "ar",
  })
  const { page } = visited
  await page.request.post(`${world.serving.url}/api/fireside/v1/prompts`, {
    data: { name: "Phone", text: "On the way" },
    headers: { "content-type": "application/json" },
  })
  await page.reload()
  await page.locator('[data-region="composer"]').pressSequentially("/pho")
  await page.getByRole("option", { name: /Phone/ }).waitFor()
  await visited.picture("slash-menu-phone-ar")
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(width).toBeLessThanOrEqual(360)
})

test("personas are in the picker, apart from plain models", async () => {
  await using visited = await visit(world.browser, "about:blank")
  const { page } = visited
  const model = (name: string, persona?: true) => ({
    ...{ name, digest: "", sizeBytes: 1, modifiedAt: "2030-01-01T00:00:00Z", format: "gguf" },
    ...{ architecture: "llama", parameters: "1B", quantization: "Q4_0", contextLength: 4_096 },
    ...{ licence: "MIT", inPlace: false, path: "", ...(persona === undefined ? {} : { persona }) },
  })
  const models = [model("tiny:1b"), model("cook:latest", true), model("other:1b")]
  await page.route("**/api/fireside/v1/models", (route) => route.fulfill({ json: models }))
  await page.goto(world.serving.url)
  await page.getByRole("button", { name: /Choose another/ }).click()
  const items = page.getByRole("menu").getByText(/^(Personas|Models|cook:latest|tiny:1b|other:1b)$/)
  await items.first().waitFor()
  expect(await items.allTextContents()).toEqual(["Personas", "cook:latest", "Models", "tiny:1b", "other:1b"])
  await visited.picture("personas")
  await page.getByRole("menuitem", { name: "cook:latest" }).click()
  await page.getByRole("button", { name: "Model: cook:latest. Choose another" }).waitFor()
})

test("tags are given, seen, and the list is filtered by one", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await ask(visited, "about the garden")
  const row = page.getByRole("link", { name: /about the garden/ })
  await row.hover()
  await page.getByRole("button", { name: /What can be done with .*about the garden/ }).click()
  await page.getByRole("menuitem", { name: "Tags" }).click()
  await page.getByLabel("Tags, parted by commas").fill("outside, spring")
  await page.keyboard.press("Enter")
  await page.getByText("spring", { exact: true }).waitFor()
  await page.getByRole("link", { name: "New chat" }).click()
  await ask(visited, "about the cellar")
  await page.getByRole("button", { name: "Which chats, import and export" }).click()
  await visited.picture("list-menu")
  await page.getByRole("menuitem", { name: "outside" }).click()
  await page.getByText("Tag: outside").waitFor()
  await row.waitFor()
  await page.getByRole("link", { name: /about the cellar/ }).waitFor({ state: "detached" })
  await visited.picture("list-by-tag")
  await page.getByRole("button", { name: "All chats" }).click()
  await page.getByRole("link", { name: /about the cellar/ }).waitFor()
  expect(visited.errors).toEqual([])
})

test("who chooses a zip to import is told what to do", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await page.getByLabel("Import chats (ChatGPT, Claude, Open WebUI)").setInputFiles({
    name: "export.zip",
    mimeType: "application/zip",
    buffer: Buffer.from("PK\u0003\u0004 and more"),
  })
  await page.getByText("export.zip is a zip file.").waitFor()
})

test("a chat that leaves nothing says its name to the server, and ends when it is left", async () => {
  await using visited = await visit(world.browser, `${world.serving.url}/temporary`)
  const { page } = visited
  const asked: string[] = []
  page.on("request", (request) => {
    if (request.url().endsWith("/chat"))
      asked.push((request.postDataJSON() as { temporary: string }).temporary)
  })
  await field(visited).fill("nobody keeps this")
  await page.keyboard.press("Enter")
  await page.getByRole("region", { name: "Answer" }).getByText("nobody keeps this").first().waitFor()
  const ended = page.waitForRequest((request) => request.method() === "DELETE")
  await page.getByRole("link", { name: "New chat" }).click()
  expect(new URL((await ended).url()).pathname).toBe(`/api/fireside/v1/temporary-chats/${asked[0]}`)
  expect((await (await ended).response())?.status()).toBe(204)
})
