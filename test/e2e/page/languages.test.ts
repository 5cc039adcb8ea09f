// The page in its longest language and in the one that is written from the right, on a phone; and the guide in each, without a cost to who
// does not read it.
import { readFile } from "node:fs/promises"
import { expect, test } from "vitest"
import { settled, usePageWorld, visit } from "./browser.ts"

const PHONE = { width: 360, height: 740 }
const PATHS = [
  "/welcome",
  "/models",
  "/jobs",
  "/privacy",
  "/system",
  "/settings",
  "/settings#defaults",
  "/settings#advanced",
  "/settings#keys",
  "/settings#programs",
  "/compare",
  "/help",
  "/help/models",
  "/help/parameters",
  "/help/own-programs",
] as const

const world = usePageWorld(["--engine", "echo"])

test.each([
  ["de", "ltr"],
  ["ar", "rtl"],
] as const)("in %s nothing scrolls sideways on a phone", async (locale, direction) => {
  await using visited = await visit(world.browser, `${world.serving.url}/help`, { size: PHONE, locale })
  const { page } = visited
  for (const path of PATHS) {
    // Another part of the same page alone would not be drawn anew.
    await page.goto("about:blank")
    await page.goto(`${world.serving.url}${path}`)
    await page.getByRole("heading", { level: 1 }).waitFor()
    await settled(page)
    await visited.picture(`${locale}-phone${path.replaceAll(/[/#]/g, "-")}`)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(360)
    expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir])).toEqual([
      locale,
      direction,
    ])
  }
  expect(visited.errors).toEqual([])
})

test.each([
  ["de", "Untersuchen", "wird nicht benutzt"],
  ["ar", "فحص", "لا يُستخدم"],
])("what the doctor finds is said in %s, sizes as they are written there", async (locale, start, found) => {
  await using visited = await visit(world.browser, `${world.serving.url}/system`, { locale })
  const { page } = visited
  await page.getByRole("button", { name: start, exact: true }).click()
  await page.getByText(found).waitFor()
  await settled(page)
  const words = (await page.getByRole("listitem").allTextContents()).join(" ")
  expect(words).toMatch(locale === "de" ? /\d\s[GT]B von [\d,]+\s[GT]B frei/ : /المتاح/)
  expect(words).not.toMatch(/\{\{| free of | in all/)
  await page.getByText(found).scrollIntoViewIfNeeded()
  await page.mouse.wheel(0, 400)
  await settled(page)
  await visited.picture(`doctor-${locale}`)
})

test.each([
  ["de", "Probleme", "sperre", "Die Sperre"],
  ["fr", "Problèmes", "memoire", "mémoire"],
  ["es", "Problemas", "cerrojo", "El cerrojo"],
  ["zh", "疑难解答", "账本", "连接账本"],
  ["ar", "حل المشكلات", "القفل", "القفل"],
])("the guide in %s is read and searched", async (locale, title, words, found) => {
  await using visited = await visit(world.browser, `${world.serving.url}/help/trouble`, { locale })
  const { page } = visited
  await page.getByRole("heading", { level: 1, name: title }).waitFor()
  expect(await page.locator("article [lang]").first().getAttribute("lang")).toBe(locale)
  await page.getByRole("searchbox").last().fill(words)
  await page.getByRole("status").waitFor()
  expect(await page.locator("main").textContent()).toContain(found)
  expect(visited.errors).toEqual([])
})

test("who opens the chat loads no page of the guide", async () => {
  const sentence = (await readFile("docs/guide/de/models.md", "utf8")).split("\n")[2] ?? ""
  expect(sentence).toContain("Modell")
  await using visited = await visit(world.browser, `${world.serving.url}/`, { locale: "de" })
  const { page } = visited
  // The words of the language are files of their own: drawn, the page has them.
  await page.locator("textarea").first().waitFor()
  const withSentence = async () => {
    const scripts = await page.evaluate(async () => {
      const names = performance.getEntriesByType("resource").map(({ name }) => name)
      return await Promise.all(
        names
          .filter((name) => name.endsWith(".js"))
          .map((name) => fetch(name).then((answer) => answer.text())),
      )
    })
    return { all: scripts.length, those: scripts.filter((text) => text.includes(sentence)).length }
  }
  expect((await withSentence()).all).toBeGreaterThan(10)
  expect((await withSentence()).those).toBe(0)
  await page.goto(`${world.serving.url}/help/models`)
  await page.getByText(sentence.slice(0, 40)).waitFor()
  expect((await withSentence()).those).toBe(1)
})
