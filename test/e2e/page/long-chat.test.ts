// A chat of many turns: it opens at its end, what is far is text only, and what is read stays where it is.
import { expect, test } from "vitest"
import { usePageWorld, visit } from "./browser.ts"

const TURNS = 200
const ANSWER =
  "## Bread\n\nIt **rests**.\n\n| flour | water |\n| --- | ---: |\n| 500 g | 350 g |\n\n```ts\nrest(60)\n```\n"

const world = usePageWorld(["--engine", "echo"])

async function openLongChat(): Promise<string> {
  const at = "2026-01-01T00:00:00Z"
  const turns = Array.from({ length: TURNS }, (_, turn) => [
    { uuid: `q${turn}`, sender: "human", text: `Question ${turn}?`, created_at: at },
    { uuid: `a${turn}`, sender: "assistant", text: ANSWER, created_at: at },
  ])
  const chat = { uuid: "long", name: "Long", created_at: at, updated_at: at, chat_messages: turns.flat() }
  const api = `${world.serving.url}/api/fireside/v1/conversations`
  const headers = { "content-type": "application/json" }
  const imported = await fetch(`${api}/import`, { method: "POST", headers, body: JSON.stringify([chat]) })
  expect(imported.ok).toBe(true)
  const [conversation] = (await (await fetch(`${api}?limit=1`)).json()) as [{ id: string }]
  return `${world.serving.url}/c/${conversation.id}`
}

test("a long chat opens at its end, is whole where it is read, and does not move under its reader", {
  timeout: 120_000,
}, async () => {
  await using visited = await visit(world.browser, await openLongChat())
  const { page } = visited
  await page.getByText(`Question ${TURNS - 1}?`).waitFor()
  await page.locator("[data-words] strong").last().waitFor()
  // Every answer is there to be found and to be read out, but only the near ones are drawn.
  expect(await page.locator("[data-answer]").count()).toBe(TURNS)
  expect(await page.locator("[data-words]").count()).toBeLessThan(TURNS / 4)
  await visited.picture("long-chat")
  const words = page.locator("[data-words]").last()
  expect(await words.locator("strong").count()).toBe(1)
  const cell = words.locator("td").last()
  expect(await cell.evaluate((element) => getComputedStyle(element).textAlign)).toBe("right")
  expect(await cell.evaluate((element) => getComputedStyle(element).paddingLeft)).not.toBe("1px")

  await page.locator('[role="log"]').hover()
  const moves: number[] = []
  for (let turn = 0; turn < 30; turn++) {
    const moved = await page.evaluate(async () => {
      const rows = [...document.querySelectorAll('[role="log"] section')]
      const read = rows.find((row) => row.getBoundingClientRect().bottom > 300)
      const before = read?.getBoundingClientRect().top ?? 0
      const log = document.querySelector('[role="log"]')
      if (log !== null) log.scrollTop -= 400
      for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame)
      return (read?.getBoundingClientRect().top ?? 0) - before - 400
    })
    moves.push(Math.abs(moved))
  }
  expect(moves.filter((moved) => moved >= 2)).toEqual([])

  await page.evaluate(() => document.querySelector('[role="log"]')?.scrollTo(0, 0))
  await page.waitForFunction(
    () => document.querySelector("[data-answer]")?.querySelector("[data-words] h2") !== null,
  )
  expect(await page.getByText("Question 0?").isVisible()).toBe(true)

  await page.evaluate(() => dispatchEvent(new Event("beforeprint")))
  expect(await page.locator("[data-words]").count()).toBe(TURNS)
  expect(visited.errors).toEqual([])
})
