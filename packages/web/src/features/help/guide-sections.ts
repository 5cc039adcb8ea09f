// A page of the guide as its headings and what stands below each: what the search reads and what links lead to.

export interface GuideSection {
  /** The page's own title for what stands before the first heading. */
  readonly heading: string
  /** Of the heading, in the address; empty: the page itself. */
  readonly anchor: string
  /** Without markup, paragraphs joined by spaces. */
  readonly text: string
}

const HEADING = /^(#{1,4}) +(.+?) *#*$/
const FENCE = /^(```|~~~)/

export function titleOf(markdown: string): string {
  for (const { level, text } of headingsOf(markdown)) if (level === 1) return plainText(text)
  return ""
}

/** What a page shows below its title. */
export function withoutTitle(markdown: string): string {
  return markdown.replace(/^(?:<!--[\s\S]*?-->\s*)?# .+\n/, "")
}

export function sectionsOf(markdown: string): readonly GuideSection[] {
  const sections: { heading: string; anchor: string; lines: string[] }[] = []
  for (const line of linesOf(markdown)) {
    if (line.type === "heading") {
      const heading = plainText(line.text)
      sections.push({ heading, anchor: line.level === 1 ? "" : anchorOf(heading), lines: [] })
    } else sections.at(-1)?.lines.push(line.text)
  }
  return sections.map(({ heading, anchor, lines }) => ({
    heading,
    anchor,
    text: plainText(lines.join("\n")),
  }))
}

/** As code hosts name them, so that a link works there and here. No page has the same heading twice: a test holds that. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/\s/g, " ")
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-")
}

/** The words of a piece of Markdown. Code keeps its own signs. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/!\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\|? *:?-{3,}[-:| ]*$/gm, "")
    .replace(/^ *(?:[-*+]|\d+\.|>) +/gm, "")
    .replace(/ *\| */g, " ")
    .replace(/\*\*|`/g, "")
    .replace(/(^|\s)\*([^*\n]+)\*/g, "$1$2")
    .replace(/\s+/g, " ")
    .trim()
}

type Line =
  | { readonly type: "heading"; readonly level: number; readonly text: string }
  | { readonly type: "text"; readonly text: string }

function headingsOf(markdown: string) {
  return linesOf(markdown).filter((line) => line.type === "heading")
}

function linesOf(markdown: string): readonly Line[] {
  let isCode = false
  return markdown.split("\n").flatMap((text): readonly Line[] => {
    if (FENCE.test(text)) {
      isCode = !isCode
      return []
    }
    const [, signs, words] = (isCode ? null : HEADING.exec(text)) ?? []
    if (signs === undefined || words === undefined) return [{ type: "text", text }]
    return [{ type: "heading", level: signs.length, text: words }]
  })
}
