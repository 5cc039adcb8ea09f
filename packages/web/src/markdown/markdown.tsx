// The only place where what a model writes becomes markup. Parsed to a tree, sanitised, and drawn as elements: never as a string.
// Nothing is loaded from elsewhere: images are their description, links ask before they leave.
import { Code, UnstyledButton } from "@mantine/core"
import type { MathPlugin } from "@streamdown/math"
import { type ComponentProps, memo, type ReactNode, useMemo, useState } from "react"
import { useTranslation } from "react-i18next"
import { defaultRehypePlugins, Streamdown } from "streamdown"
import { CodeBlock } from "./code-block.tsx"
import { withFormulaSigns } from "./formula-signs.ts"
import { LeaveDialog } from "./leave-dialog.tsx"
import classes from "./markdown.module.css"
import { createBlockSplitter } from "./split-blocks.ts"
import { useGradualCount } from "./use-gradual-count.ts"
import { useMath } from "./use-math.ts"

export interface MarkdownProps {
  readonly text: string
  /** More is coming: what is open is drawn as if it were closed. */
  readonly isLive: boolean
}

/** So many blocks are looked at, at most, when one of them grows. */
const GROUP_SIZE = 16

/** Paragraphs, lists, tables and the like are drawn one by one: those that are whole stay as they are while the last one grows. */
export const Markdown = memo(function Markdown({ text, isLive }: MarkdownProps) {
  const math = useMath(text)
  const isMath = math !== undefined
  const [split] = useState(createBlockSplitter)
  const blocks = useMemo(
    () => split(isMath ? withFormulaSigns(text) : text).filter((block) => block.trim() !== ""),
    [split, text, isMath],
  )
  const shown = blocks.slice(0, useGradualCount(blocks.length))
  return (
    <div className={classes.markdown} dir="auto" data-words>
      {Array.from({ length: Math.ceil(shown.length / GROUP_SIZE) }, (_, at) => {
        const from = at * GROUP_SIZE
        const texts = shown.slice(from, from + GROUP_SIZE)
        const isOpen = isLive && from + texts.length === blocks.length
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks of one text that grows at its end, which never move
        return <Blocks key={at} texts={texts} isOpen={isOpen} math={math} />
      })}
    </div>
  )
})

interface BlocksProps {
  readonly texts: readonly string[]
  /** The last of them still grows. */
  readonly isOpen: boolean
  readonly math: MathPlugin | undefined
}

const Blocks = memo(
  function Blocks({ texts, isOpen, math }: BlocksProps) {
    return texts.map((text, at) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <Block key={at} text={text} isOpen={isOpen && at === texts.length - 1} math={math} />
    ))
  },
  (before, after) =>
    before.isOpen === after.isOpen &&
    before.math === after.math &&
    before.texts.length === after.texts.length &&
    before.texts.every((text, at) => text === after.texts[at]),
)

interface BlockProps {
  readonly text: string
  /** It still grows. */
  readonly isOpen: boolean
  readonly math: MathPlugin | undefined
}

const Block = memo(function Block({ text, isOpen, math }: BlockProps) {
  return (
    <Streamdown
      mode={isOpen ? "streaming" : "static"}
      parseIncompleteMarkdown={isOpen}
      parseMarkdownIntoBlocksFn={asOneBlock}
      components={isOpen ? OPEN_COMPONENTS : COMPONENTS}
      {...(math === undefined ? {} : { plugins: { math } })}
      controls={false}
      rehypePlugins={text.includes("<") ? WITH_MARKUP : WITHOUT_MARKUP}
    >
      {text}
    </Streamdown>
  )
})

const WITH_MARKUP = Object.values(defaultRehypePlugins)

/** The tree of a text without `<` is what parsing it once more as markup gives; that is a fifth of the work. */
const WITHOUT_MARKUP = Object.entries(defaultRehypePlugins).flatMap(([name, plugin]) =>
  name === "raw" ? [] : [plugin],
)

const asOneBlock = (text: string): string[] => [text]

const COMPONENTS = {
  a: Outward,
  img: Picture,
  pre: ({ children }: ComponentProps<"pre">) => (
    <CodeBlock code={codeOf(children)} language={languageOf(children)} isLive={false} />
  ),
  code: InlineCode,
  table: WideTable,
  // Without the parser's own classes, which belong to a style sheet that is not here.
  h1: "h1",
  h2: "h2",
  h3: "h3",
  h4: "h4",
  h5: "h5",
  h6: "h6",
  strong: "strong",
  em: "em",
  blockquote: "blockquote",
  ul: "ul",
  ol: "ol",
  li: "li",
  hr: "hr",
  thead: "thead",
  tbody: "tbody",
  tr: "tr",
  th: "th",
  td: "td",
} as const

const OPEN_COMPONENTS = {
  ...COMPONENTS,
  pre: ({ children }: ComponentProps<"pre">) => (
    <CodeBlock code={codeOf(children)} language={languageOf(children)} isLive />
  ),
} as const

function Outward({ href, children }: ComponentProps<"a">) {
  const [isAsking, setAsking] = useState(false)
  const target = outwardUrl(href)
  if (target === undefined) return <span>{children}</span>
  return (
    <>
      <UnstyledButton
        component="span"
        role="link"
        tabIndex={0}
        className={classes.link}
        onClick={() => setAsking(true)}
        onKeyDown={(event) => {
          if (event.key === "Enter") setAsking(true)
        }}
      >
        {children} <span className={classes.host}>({target.host})</span>
      </UnstyledButton>
      {isAsking ? <LeaveDialog url={target.href} onClose={() => setAsking(false)} /> : null}
    </>
  )
}

/** Only addresses that a browser opens as a page; no script, no file, no data. */
function outwardUrl(href: string | undefined): URL | undefined {
  if (href === undefined || !URL.canParse(href)) return undefined
  const url = new URL(href)
  return url.protocol === "https:" || url.protocol === "http:" ? url : undefined
}

function Picture({ alt }: ComponentProps<"img">) {
  const { t } = useTranslation("chat")
  const text = alt === undefined || alt === "" ? t("pictureUnnamed") : t("picture", { alt })
  return <span className={classes.picture}>{text}</span>
}

function InlineCode({ children }: ComponentProps<"code">) {
  return <Code>{children}</Code>
}

function WideTable({ children }: ComponentProps<"table">) {
  return (
    <div className={classes.table}>
      <table>{children}</table>
    </div>
  )
}

interface Element {
  readonly props: { readonly children?: ReactNode; readonly className?: string }
}

function isElement(node: ReactNode): node is ReactNode & Element {
  return typeof node === "object" && node !== null && "props" in node
}

/** The parser ends it with a line break, which nobody wants to copy. */
function codeOf(node: ReactNode): string {
  return textOf(node).replace(/\n$/, "")
}

function textOf(node: ReactNode): string {
  if (typeof node === "string" || typeof node === "number") return String(node)
  if (Array.isArray(node)) return node.map(textOf).join("")
  return isElement(node) ? textOf(node.props.children) : ""
}

function languageOf(node: ReactNode): string {
  const [, language = ""] =
    (isElement(node) ? (node.props.className ?? "") : "").match(/language-([\w+#-]+)/) ?? []
  return language
}
