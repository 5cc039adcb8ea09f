// A chat on paper, or as a PDF: all of it, and nothing that only makes sense on a screen.
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { PICTURES_FOLDER, usePageWorld, visit } from "./browser.ts"
import { RICH_CHAT } from "./rich-chat.ts"
import { storeChat } from "./stored-chat.ts"

const world = usePageWorld(["--engine", "echo"])

test.each(["light", "dark"] as const)(
  "a long chat is printed to its end, from a %s screen",
  async (theme) => {
    const said = [
      ...RICH_CHAT,
      ...Array.from({ length: 12 }, (_, turn) => [
        { role: "user" as const, content: `Question ${turn}` },
        { role: "assistant" as const, content: `Answer ${turn}: ${"on and on ".repeat(60)}` },
      ]).flat(),
      { role: "user" as const, content: "Thank you, that is all." },
    ]
    const { id } = await storeChat(world.serving, { title: "How a lighthouse works", said })
    await using visited = await visit(world.browser, `${world.serving.url}/c/${id}`, { theme })
    const { page } = visited
    await page.getByText("Thank you, that is all.").waitFor()
    // Far rows are drawn when the browser says that it is going to print, which the emulation of paper does not.
    await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")))
    await page.emulateMedia({ media: "print" })
    await page.locator("[data-words] strong").first().waitFor()
    await visited.picture(`print-${theme}`)
    const seen = await page.evaluate(() => {
      const isSeen = (selector: string) =>
        [...document.querySelectorAll<HTMLElement>(selector)].some((element) => element.checkVisibility())
      const log = document.querySelector("[role=log]")
      return {
        header: isSeen("header"),
        list: isSeen("nav"),
        composer: isSeen("form"),
        buttons: isSeen("main button"),
        // Nothing is cut off by a part that scrolls.
        isWhole: log !== null && log.scrollHeight <= log.clientHeight + 1,
        paper: getComputedStyle(document.body).backgroundColor,
      }
    })
    expect(seen).toEqual({
      header: false,
      list: false,
      composer: false,
      buttons: false,
      isWhole: true,
      paper: "rgb(255, 255, 255)",
    })
    const pdf = await page.pdf({ format: "A4", printBackground: true })
    await writeFile(join(PICTURES_FOLDER, `print-${theme}.pdf`), pdf)
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0
    expect(pages).toBeGreaterThanOrEqual(4)
  },
)
