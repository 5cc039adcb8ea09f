// The only place where what a model writes becomes markup. Parsed to a tree, sanitised, and drawn as elements: never as a string.
// Nothing is loaded from elsewhere: images are their description, links ask before they leave.
import { Code, CopyButton, Table, UnstyledButton } from "@mantine/core"
import type { ComponentProps, ReactNode } from "react"
import { memo, useState } from "react"
import { useTranslation } from "react-i18next"
import { Streamdown } from "streamdown"
import { LeaveDialog } from "./leave-dialog.tsx"
import classes from "./markdown.module.css"

export interface MarkdownProps {
  readonly text: string
  /** More is coming: what is open is drawn as if it were closed. */
  readonly isLive: boolean
}

export const Markdown = memo(function Markdown({ text, isLive }: MarkdownProps) {
  return (
    <div className={classes.markdown} dir="auto">
      <Streamdown
        mode={isLive ? "streaming" : "static"}
        parseIncompleteMarkdown={isLive}
        components={COMPONENTS}
        controls={false}
      >
        {text}
      </Streamdown>
    </div>
  )
})

const COMPONENTS = {
  a: Outward,
  img: Picture,
  pre: Fence,
  code: InlineCode,
  table: WideTable,
} as const

function Outward({ href, children }: ComponentProps<"a">) {
  const [isAsking, setAsking] = useState(false)
  const target = outwardUrl(href)
  if (target === undefined) return <span>{children}</span>
  return (
    <>
      <UnstyledButton component="span" role="link" tabIndex={0} className={classes.link} onClick={() => setAsking(true)} onKeyDown={(event) => {
        if (event.key === "Enter") setAsking(true)
      }}>
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
  return <span className={classes.picture}>{t("picture", { alt: alt ?? "" })}</span>
}

function Fence({ children }: ComponentProps<"pre">) {
  const { t } = useTranslation("chat")
  const text = textOf(children)
  const language = languageOf(children)
  return (
    <figure className={classes.fence}>
      <figcaption className={classes.caption}>
        <span>{language}</span>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <UnstyledButton className={classes.copy} onClick={copy}>
              {t(copied ? "copied" : "copyCode")}
            </UnstyledButton>
          )}
        </CopyButton>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a block that scrolls sideways must be reachable by keyboard */}
      <pre className={classes.code} tabIndex={0} dir="ltr">
        <code>{text}</code>
      </pre>
    </figure>
  )
}

function InlineCode({ children }: ComponentProps<"code">) {
  return <Code>{children}</Code>
}

function WideTable({ children }: ComponentProps<"table">) {
  return (
    <div className={classes.table}>
      <Table withTableBorder withColumnBorders>
        {children}
      </Table>
    </div>
  )
}

interface Element {
  readonly props: { readonly children?: ReactNode; readonly className?: string }
}

function isElement(node: ReactNode): node is ReactNode & Element {
  return typeof node === "object" && node !== null && "props" in node
}

function textOf(node: ReactNode): string {
  if (typeof node === "string" || typeof node === "number") return String(node)
  if (Array.isArray(node)) return node.map(textOf).join("")
  return isElement(node) ? textOf(node.props.children) : ""
}

function languageOf(node: ReactNode): string {
  const [, language = ""] = (isElement(node) ? (node.props.className ?? "") : "").match(/language-([\w+#-]+)/) ?? []
  return language
}
