// A page's Markdown as it is read: our own files, so nothing of it is hostile, and markup in it is left out all the same.
import { CopyButton, Table, Title, UnstyledButton } from "@mantine/core"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { type Components, Streamdown } from "streamdown"
import { LANGUAGES, type Language } from "../../languages.ts"
import { GuideLink } from "./guide-link.tsx"
import { findGuideImage } from "./guide-pages.ts"
import { anchorOf, withoutTitle } from "./guide-sections.ts"
import classes from "./guide-text.module.css"
import { textOf } from "./text-of.ts"

export interface GuideTextProps {
  readonly markdown: string
  readonly language: Language
}

export function GuideText({ markdown, language }: GuideTextProps) {
  return (
    <div className={classes.text} lang={language} dir={LANGUAGES[language].direction}>
      <Streamdown mode="static" controls={false} rehypePlugins={[]} skipHtml components={COMPONENTS}>
        {withoutTitle(markdown)}
      </Streamdown>
    </div>
  )
}

const COMPONENTS: Components = {
  h2: ({ children }) => <Heading order={2}>{children}</Heading>,
  h3: ({ children }) => <Heading order={3}>{children}</Heading>,
  h4: ({ children }) => <Heading order={4}>{children}</Heading>,
  a: ({ href = "", children }) => <GuideLink href={href}>{children}</GuideLink>,
  img: ({ src, alt = "" }) => <GuideImage path={typeof src === "string" ? src : ""} alt={alt} />,
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => <WideTable>{children}</WideTable>,
  p: "p",
  ul: "ul",
  ol: "ol",
  li: "li",
  strong: "strong",
  blockquote: "blockquote",
  hr: "hr",
  code: "code",
  inlineCode: ({ children }) => <code>{children}</code>,
  thead: "thead",
  tbody: "tbody",
  tr: "tr",
  th: "th",
  td: "td",
}

interface HeadingProps {
  readonly order: 2 | 3 | 4
  readonly children: ReactNode
}

function Heading({ order, children }: HeadingProps) {
  return (
    <Title order={order} size={order === 2 ? "h3" : "h4"} id={anchorOf(textOf(children))}>
      {children}
    </Title>
  )
}

function GuideImage({ path, alt }: { readonly path: string; readonly alt: string }) {
  const address = findGuideImage(path)
  return address === undefined ? null : (
    <img className={classes.image} src={address} alt={alt} loading="lazy" />
  )
}

function CodeBlock({ children }: { readonly children?: ReactNode }) {
  const { t } = useTranslation("help")
  return (
    <div className={classes.code}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{children}</pre>
      <CopyButton value={textOf(children).trimEnd()}>
        {({ copied, copy }) => (
          <UnstyledButton className={classes.copy} onClick={copy}>
            {copied ? t("copied") : t("copy")}
          </UnstyledButton>
        )}
      </CopyButton>
    </div>
  )
}

function WideTable({ children }: { readonly children?: ReactNode }) {
  const { t } = useTranslation("help")
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms, and a section would be a landmark for each table
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className={classes.table} role="group" tabIndex={0} aria-label={t("table")}>
      <Table>{children}</Table>
    </div>
  )
}
