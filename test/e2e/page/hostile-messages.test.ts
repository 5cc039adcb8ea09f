// What a model writes never becomes more than text and harmless markup. Each message is streamed, as a model would, into the real page:
// no script of it may run, and nothing may be asked for anywhere else.
import { expect, test } from "vitest"
import { usePageWorld, visit } from "./browser.ts"
import { HOSTILE_MESSAGES } from "./hostile-messages.ts"

const world = usePageWorld(["--engine", "echo"])

test("sixty messages: no script runs, nothing is asked for elsewhere", {
  timeout: 400_000,
}, async () => {
  expect(new Set(HOSTILE_MESSAGES).size).toBeGreaterThanOrEqual(60)
  await using visited = await visit(world.browser, world.serving.url)
  const { page } = visited
  const alarms: string[] = []
  await page.exposeFunction("raiseAlarm", (what: string) => void alarms.push(what))
  page.on("dialog", (dialog) => {
    alarms.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.evaluate(() => {
    document.addEventListener(
      "securitypolicyviolation",
      ({ blockedURI, violatedDirective, sourceFile, lineNumber, columnNumber }) => {
        const alarm = (globalThis as unknown as { raiseAlarm(what: string): void }).raiseAlarm
        alarm(`policy: ${violatedDirective} ${blockedURI} at ${sourceFile}:${lineNumber}:${columnNumber}`)
      },
    )
  })
  const field = page.getByLabel("Your message", { exact: true })
  for (const [at, message] of HOSTILE_MESSAGES.entries()) {
    await field.fill(message)
    await field.press("Enter")
    await page.waitForFunction(
      (count) =>
        document.querySelectorAll("[data-answer][data-live=false]").length >= count &&
        document.querySelector("[data-live=true]") === null &&
        // While the last answer is put away, Enter sends nothing.
        document.querySelector("form button[type=submit]") !== null,
      at + 1,
    )
  }
  await visited.picture("hostile")
  expect(alarms).toEqual([])
  expect(await page.evaluate(() => (globalThis as { hit?: unknown }).hit)).toBeUndefined()
  expect([...visited.hosts]).toEqual([new URL(world.serving.url).host])
  const live = await page.evaluate(() => ({
    scripts: document.querySelectorAll("[data-answer] script").length,
    frames: document.querySelectorAll("[data-answer] iframe, [data-answer] object, [data-answer] embed")
      .length,
    pictures: document.querySelectorAll("[data-answer] img, [data-answer] video, [data-answer] audio").length,
    forms: document.querySelectorAll("[data-answer] form, [data-answer] input:not([type=checkbox])").length,
    links: document.querySelectorAll("[data-answer] a[href]").length,
    handlers: [...document.querySelectorAll("[data-answer] *")].filter((element) =>
      element.getAttributeNames().some((name) => name.startsWith("on")),
    ).length,
  }))
  expect(live).toEqual({ scripts: 0, frames: 0, pictures: 0, forms: 0, links: 0, handlers: 0 })
})
