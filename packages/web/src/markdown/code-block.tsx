import { CopyButton, UnstyledButton } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { lazy, Suspense, useState } from "react"
import { useTranslation } from "react-i18next"
import { highlight } from "./highlight.ts"
import classes from "./markdown.module.css"

const Diagram = lazy(() => import("./diagram.tsx").then(({ Diagram: component }) => ({ default: component })))

export interface CodeBlockProps {
  readonly code: string
  readonly language: string
  /** It still grows: it is coloured when it is whole. */
  readonly isLive: boolean
}

export function CodeBlock({ code, language, isLive }: CodeBlockProps) {
  const { t } = useTranslation("chat")
  const [isDrawn, setDrawn] = useState(false)
  const { data: lines } = useQuery({
    queryKey: ["highlighted", language, code],
    queryFn: async () => (await highlight(code, language)) ?? null,
    enabled: !isLive && language !== "",
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
  return (
    <figure className={classes.fence}>
      <figcaption className={classes.caption}>
        <span>{language}</span>
        <span className={classes.captionActions}>
          {language === "mermaid" && !isLive ? (
            <UnstyledButton
              className={classes.copy}
              onClick={() => setDrawn((before) => !before)}
              aria-pressed={isDrawn}
            >
              {t(isDrawn ? "diagram.code" : "diagram.draw")}
            </UnstyledButton>
          ) : null}
          <CopyButton value={code}>
            {({ copied, copy }) => (
              <UnstyledButton className={classes.copy} onClick={copy}>
                {t(copied ? "copied" : "copyCode")}
              </UnstyledButton>
            )}
          </CopyButton>
        </span>
      </figcaption>
      {isDrawn ? (
        <Suspense fallback={<pre className={classes.code}>{code}</pre>}>
          <Diagram source={code} />
        </Suspense>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a block that scrolls sideways must be reachable by keyboard
        <pre className={classes.code} tabIndex={0} dir="ltr">
          <code>
            {lines === undefined || lines === null
              ? code
              : lines.map((tokens, line) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text, which never move
                  <span key={line}>
                    {tokens.map(({ content, offset, htmlStyle }) => (
                      <span key={offset} className={classes.token} style={htmlStyle}>
                        {content}
                      </span>
                    ))}
                    {line === lines.length - 1 ? "" : "\n"}
                  </span>
                ))}
          </code>
        </pre>
      )}
    </figure>
  )
}
