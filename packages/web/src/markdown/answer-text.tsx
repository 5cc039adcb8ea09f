import { Text } from "@mantine/core"
import { lazy, Suspense } from "react"
import type { MarkdownProps } from "./markdown.tsx"

const Markdown = lazy(() =>
  import("./markdown.tsx").then(({ Markdown: component }) => ({ default: component })),
)

/** What a model writes. Its bare text until what draws it has come, once for a page. */
export function AnswerText({ text, isLive }: MarkdownProps) {
  return (
    <Suspense fallback={<Text style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{text}</Text>}>
      <Markdown text={text} isLive={isLive} />
    </Suspense>
  )
}
