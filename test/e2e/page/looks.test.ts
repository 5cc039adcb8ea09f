// Pictures of what the other tests go past: answers with everything in them, what opens over a page, other widths, languages and themes.
// Each is kept to be looked at, and none of them may hold a serious barrier.
import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { seriousBarriers } from "./barriers.ts"
import { settled, usePageWorld, type Visit, type VisitOptions, visit } from "./browser.ts"
import { RICH_CHAT } from "./rich-chat.ts"
import { storeChat } from "./stored-chat.ts"

const PHONE = { width: 360, height: 740 }
const LARGE = { width: 1280, height: 1700 }

const world = usePageWorld(["--engine", "echo"])

interface State {
  readonly name: string
  /** In place of the large window. */
  readonly size?: VisitOptions["size"]
  readonly path: () => string
  readonly arrange?: (page: Page) => Promise<void>
}

let chatPath = ""

beforeAll(async () => {
  chatPath = `/c/${(await storeChat(world.serving, { title: "How a lighthouse works", said: RICH_CHAT })).id}`
  await storeChat(world.serving, {
    title: "Soup for six",
    said: [{ role: "user", content: "A soup for six, please." }],
  })
})

const drawn = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: "Draw" }).click()
  await page.getByRole("img", { name: /^A diagram/ }).waitFor()
}

const STATES: readonly State[] = [
  {
    name: "rich-chat",
    size: LARGE,
    path: () => chatPath,
    async arrange(page) {
      await drawn(page)
      await page.locator(".katex").first().waitFor()
      await page.locator("[style*='--shiki']").first().waitFor()
      await page.getByText(/^Thoughts/).click()
    },
  },
  { name: "empty-chat", path: () => "/" },
  {
    name: "temporary",
    path: () => "/temporary",
  },
  {
    name: "inspector",
    path: () => chatPath,
    arrange: (page) => page.getByRole("button", { name: "Parameters, and what the model sees" }).click(),
  },
  {
    name: "inspector-seen",
    path: () => chatPath,
    async arrange(page) {
      await page.getByRole("button", { name: "Parameters, and what the model sees" }).click()
      await page.getByRole("tab", { name: "What the model sees" }).click()
      await page
        .getByText(/tokens of/)
        .last()
        .waitFor()
    },
  },
  {
    name: "palette",
    path: () => "/",
    async arrange(page) {
      await page.keyboard.press("Control+k")
      await page.getByPlaceholder("Type a command or a chat’s name").waitFor()
    },
  },
  {
    name: "shortcuts",
    path: () => "/models",
    async arrange(page) {
      await page.keyboard.press("Control+/")
      await page.getByRole("dialog", { name: "Keyboard" }).waitFor()
    },
  },
  {
    name: "search",
    path: () => "/",
    async arrange(page) {
      await page.getByLabel("Search chats").fill("lens")
      await page.locator("mark").first().waitFor()
    },
  },
  {
    name: "help-page",
    path: () => "/help/first-steps",
    async arrange(page) {
      await page.locator("article img").first().scrollIntoViewIfNeeded()
      await page.waitForFunction(
        () => (document.querySelector<HTMLImageElement>("article img")?.naturalWidth ?? 0) > 0,
      )
    },
  },
  {
    name: "discover",
    path: () => "/models",
    async arrange(page) {
      await page.getByRole("tab", { name: "Discover" }).click()
      await page.getByRole("listitem").first().waitFor()
    },
  },
]

const withThemes = STATES.flatMap((state) => [
  { ...state, theme: "light" as const },
  { ...state, theme: "dark" as const },
])

test.each(withThemes)("$name in $theme", async ({ name, path, size, arrange, theme }) => {
  await using visited = await visit(world.browser, `${world.serving.url}${path()}`, {
    theme,
    ...(size === undefined ? {} : { size }),
  })
  await arranged(visited, arrange)
  await visited.picture(`${name}-${theme}`)
  expect(await seriousBarriers(visited.page)).toEqual([])
  // What draws diagrams tries styles that the policy refuses; its picture is complete without them.
  expect(visited.errors.filter((text) => !text.startsWith("Applying inline style violates"))).toEqual([])
})

test.each(["rich-chat", "empty-chat", "inspector", "help-page"])("%s on a phone", async (name) => {
  const state = STATES.find((it) => it.name === name)
  await using visited = await visit(world.browser, `${world.serving.url}${state?.path()}`, { size: PHONE })
  await arranged(visited, state?.arrange)
  await visited.picture(`${name}-phone`)
  expect(await visited.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
})

test.each(["ar", "de"])("in %s, wide and on a phone", async (locale) => {
  for (const [size, width] of [
    [{ width: 1280, height: 800 }, "wide"],
    [PHONE, "phone"],
  ] as const)
    for (const [path, name] of [
      [chatPath, "chat"],
      ["/", "empty-chat"],
      ["/privacy", "privacy"],
      ["/models", "models"],
    ] as const) {
      await using visited = await visit(world.browser, `${world.serving.url}${path}`, { size, locale })
      await visited.page.locator("main h1, main h2, main [data-answer]").first().waitFor()
      if (path === chatPath) await visited.page.locator("[data-words] strong").first().waitFor()
      await settled(visited.page)
      await visited.picture(`${name}-${locale}-${width}`)
      expect(
        await visited.page.evaluate(() => document.documentElement.scrollWidth),
        `${path} in ${locale}`,
      ).toBeLessThanOrEqual(size.width)
      // Nothing in the bar above runs into or out of it.
      expect(await barOverflow(visited.page), `${path} in ${locale}`).toEqual([])
    }
})

async function arranged({ page }: Visit, arrange: State["arrange"]): Promise<void> {
  await page.locator("main").first().waitFor()
  await settled(page)
  if (page.url().includes("/c/")) await page.locator("[data-words] strong").first().waitFor()
  await arrange?.(page)
  await settled(page)
}

/** What stands higher than the bar, or is pressed out of its shape in it. */
function barOverflow(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const bar = document.querySelector("header")
    if (bar === null) return ["there is no bar"]
    const room = bar.getBoundingClientRect()
    return [...bar.querySelectorAll("a, button, svg, p, span")].flatMap((element) => {
      const { top, bottom, left, right, width, height } = element.getBoundingClientRect()
      const isOut =
        top < room.top - 1 || bottom > room.bottom + 1 || left < room.left - 1 || right > room.right + 1
      const isPressed = element.tagName === "svg" && Math.abs(width - height) > 1
      return isOut || isPressed ? [element.outerHTML.slice(0, 120)] : []
    })
  })
}
