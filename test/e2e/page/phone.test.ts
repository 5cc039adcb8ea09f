// On a phone the list of chats is a drawer over the page, and everything else is there too.
import { expect, test } from "vitest"
import { seriousBarriers } from "./barriers.ts"
import { usePageWorld, visit } from "./browser.ts"
import { storeChat } from "./stored-chat.ts"

const PHONE = { width: 360, height: 740 }

const world = usePageWorld(["--engine", "echo"])

test.each(["light", "dark"] as const)(
  "the drawer opens, leads to a chat and is gone, in %s",
  async (theme) => {
    const { id } = await storeChat(world.serving, {
      title: `A walk in the ${theme}`,
      said: [
        { role: "user", content: "Where to?" },
        { role: "assistant", content: "Along the water." },
      ],
    })
    await using visited = await visit(world.browser, world.serving.url, { size: PHONE, theme })
    const { page } = visited
    const drawer = page.getByRole("navigation", { name: "Conversations and screens" })
    const burger = page.getByRole("button", { name: "Show or hide the list of conversations" })
    await page.getByLabel("Your message", { exact: true }).waitFor()
    expect(await burger.getAttribute("aria-expanded")).toBe("false")
    await burger.click()
    const link = drawer.getByRole("link", { name: `A walk in the ${theme}` })
    await link.waitFor()
    expect(await burger.getAttribute("aria-expanded")).toBe("true")
    await page.waitForFunction(
      () => (document.querySelector("nav")?.getBoundingClientRect().left ?? -1) === 0,
    )
    await visited.picture(`drawer-phone-${theme}`)
    expect(await seriousBarriers(page)).toEqual([])
    await link.click()
    await page.waitForURL(`**/c/${id}`)
    await page.getByText("Along the water.").waitFor()
    await page.waitForFunction(() => (document.querySelector("nav")?.getBoundingClientRect().right ?? 1) <= 0)
    expect(await burger.getAttribute("aria-expanded")).toBe("false")
    // A second message, by touch alone.
    await page.getByLabel("Your message", { exact: true }).fill("and then?")
    await page.getByRole("button", { name: "Send" }).click()
    await page.getByRole("region", { name: "Answer" }).getByText("and then?").waitFor()
    await page.getByRole("button", { name: "Parameters, and what the model sees" }).click()
    await page.getByRole("dialog").getByLabel("Instructions").waitFor()
    await visited.picture(`inspector-phone-${theme}`)
    expect(await seriousBarriers(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width)
    expect(visited.errors).toEqual([])
  },
)
