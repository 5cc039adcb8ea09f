// The chat as a person uses it, with the engine that repeats what it is told, so that every text is known.
import { expect, test } from "vitest"
import { CHROMIUM, usePageWorld, visit, visitIn } from "./browser.ts"

const world = usePageWorld(["--engine", "echo"])

test("there is a Chromium to look at the page with", () => {
  expect(CHROMIUM).toBeDefined()
})

test("a message is answered, stays after a reload, and is in the list", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await page.getByLabel("Your message", { exact: true }).fill("tell me about larches")
  await page.keyboard.press("Enter")
  await page.getByRole("region", { name: "Answer" }).getByText("larches").waitFor()
  await page.getByRole("button", { name: "Answer again" }).waitFor()
  await visited.picture("chat-light")
  await page.reload()
  await page.getByRole("region", { name: "Answer" }).getByText("larches").waitFor()
  expect(await page.getByRole("link", { name: /larches/ }).count()).toBeGreaterThan(0)
  expect(visited.errors).toEqual([])
  expect([...visited.hosts]).toEqual([new URL(world.serving.url).host])
})

test("answering again makes a second version, and both can be walked to", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await page.getByLabel("Your message", { exact: true }).fill("one two")
  await page.keyboard.press("Enter")
  await page.getByRole("button", { name: "Answer again" }).click()
  await page.getByText("2/2").waitFor()
  await page.getByRole("button", { name: "Previous version" }).click()
  await page.getByText("1/2").waitFor()
  expect(visited.errors).toEqual([])
})

test("an edited message begins a branch of its own", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await page.getByLabel("Your message", { exact: true }).fill("first words")
  await page.keyboard.press("Enter")
  await page.getByRole("button", { name: "Answer again" }).waitFor()
  await page.getByRole("button", { name: "Edit your message" }).click()
  await page.getByLabel("Edit your message").fill("other words")
  await page.getByRole("button", { name: "Send" }).first().click()
  await page.getByRole("region", { name: "Answer" }).getByText("other words").waitFor()
  await page.getByText("2/2").waitFor()
  expect(await page.getByRole("region", { name: "You" }).getByText("first words").count()).toBe(0)
})

test("a draft survives a reload", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await page.getByLabel("Your message", { exact: true }).fill("not sent yet")
  await page.reload()
  expect(await page.getByLabel("Your message", { exact: true }).inputValue()).toBe("not sent yet")
})

test("a link of an answer asks before it leaves, and shows where it leads", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await page.getByLabel("Your message", { exact: true }).fill("[see this](https://elsewhere.test/?q=secret)")
  await page.keyboard.press("Enter")
  const answer = page.getByRole("region", { name: "Answer" })
  await answer.getByText("(elsewhere.test)").waitFor()
  await page.getByRole("button", { name: "Answer again" }).waitFor()
  await answer.getByRole("link", { name: /see this/ }).click()
  await page.getByRole("dialog").getByText("https://elsewhere.test/?q=secret").waitFor()
  await page.getByRole("button", { name: "Stay here" }).click()
  expect(await page.getByRole("dialog").count()).toBe(0)
})

test("the keyboard alone is enough: palette, screens, back to writing", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await page.getByLabel("Your message", { exact: true }).waitFor()
  await page.keyboard.press("Control+k")
  await page.getByPlaceholder("Type a command or a chat’s name").fill("Models")
  await page.keyboard.press("Enter")
  await page.waitForURL("**/models")
  await page.keyboard.press("Control+/")
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor()
  await page.keyboard.press("Escape")
})

test("two tabs show the same conversation", async () => {
  await using first = await visit(world.browser, world.serving.url)
  await first.page.getByLabel("Your message", { exact: true }).fill("for both tabs")
  await first.page.keyboard.press("Enter")
  await first.page.getByRole("button", { name: "Answer again" }).waitFor()
  await using second = await visitIn(first.page.context(), first.page.url())
  await second.page.getByRole("region", { name: "Answer" }).getByText("for both tabs").waitFor()
})

test("a question without an answer has a way to one", async () => {
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  const conversations = `${world.serving.url}/api/fireside/v1/conversations`
  const post = (url: string, body: object) =>
    page.request.post(url, { data: body, headers: { "content-type": "application/json" } })
  const { id } = (await (await post(conversations, { model: "echo" })).json()) as { id: string }
  await post(`${conversations}/${id}/messages`, { message: { role: "user", content: "nobody answered" } })
  await page.goto(`${world.serving.url}/c/${id}`)
  await page.getByRole("button", { name: "Answer this" }).click()
  await page.getByRole("region", { name: "Answer" }).getByText("nobody answered").waitFor()
  await page.getByRole("button", { name: "Answer again" }).waitFor()
  expect(await page.getByRole("button", { name: "Answer this" }).count()).toBe(0)
})
