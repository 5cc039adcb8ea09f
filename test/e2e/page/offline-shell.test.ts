// The server goes away while somebody is there: the page opens all the same, says so, and is itself again when the server is back.
import { expect, test } from "vitest"
import { type Serving, startServing } from "../serve-process.ts"
import { usePageWorld, visit } from "./browser.ts"
import { storeChat } from "./stored-chat.ts"

const ECHO = ["--engine", "echo"] as const
const AWAY = "Fireside’s server does not answer"

const world = usePageWorld(ECHO)

test("a reload without a server shows the page and what is the matter; it comes back by itself", async () => {
  await storeChat(world.serving, { title: "Kept on the server", said: [{ role: "user", content: "hello" }] })
  const { port } = new URL(world.serving.url)
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  await page.getByRole("link", { name: "Kept on the server" }).waitFor()
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await page.getByLabel("Your message", { exact: true }).fill("a thought that is not sent yet")

  await stop(world.serving)
  await page.reload()
  await page.getByText(AWAY).first().waitFor()
  expect(await page.getByLabel("Your message", { exact: true }).inputValue()).toBe(
    "a thought that is not sent yet",
  )
  // What people wrote is in no cache of the browser.
  expect(await page.getByRole("link", { name: "Kept on the server" }).count()).toBe(0)
  await visited.picture("server-away-light")

  // The help is a part of the page: it can be read now.
  await page.goto(`${world.serving.url}/help/trouble`)
  await page.getByRole("heading", { name: "Trouble", exact: true, level: 1 }).waitFor()
  await page.getByText("Begin with this, it finds most things").waitFor()
  await page.goto(`${world.serving.url}/help/first-steps`)
  await page.locator("article img").first().scrollIntoViewIfNeeded()
  await page.waitForFunction(
    () => (document.querySelector<HTMLImageElement>("article img")?.naturalWidth ?? 0) > 0,
  )
  // A screen that is not kept says why it does not come.
  await page.goto(`${world.serving.url}/system`)
  await page.getByText(/^This screen could not be opened/).waitFor()
  await page.goto(world.serving.url)
  await page.getByText(AWAY).first().waitFor()

  await using again = await startServing(world.fireside, [...ECHO, "--port", port])
  expect(new URL(again.url).port).toBe(port)
  await page.getByRole("link", { name: "Kept on the server" }).waitFor()
  await page.getByText(AWAY).first().waitFor({ state: "detached" })
  await page.getByLabel("Your message", { exact: true }).fill("back again")
  await page.keyboard.press("Enter")
  await page.getByRole("region", { name: "Answer" }).getByText("back again").waitFor()
})

async function stop({ child, ended }: Serving): Promise<void> {
  child.kill("SIGTERM")
  await ended
}
