// A conversation as a page of its own, to read and to print. Every text is escaped and shown as it was written; the page can load and run nothing,
// and says so to the browser.
import type { StoredMessage } from "@fireside/protocol"
import type { FileFormat } from "./export-conversations.ts"
import { oneLine, speakerOf } from "./speaker.ts"

const STYLE = `:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
article + article { border-top: 1px solid; margin-top: 3rem }
h2 { font-size: 1rem; margin: 2rem 0 0.25rem }
.text { white-space: pre-wrap; overflow-wrap: anywhere }
.aside { opacity: 0.75; border-inline-start: 3px solid; padding-inline-start: 0.75rem; margin-bottom: 0.5rem }
time { opacity: 0.75 }
@media print { body { max-width: none; margin: 0 } h2 { break-after: avoid } }`

export const htmlFormat: FileFormat = {
  extension: "html",
  contentType: "text/html; charset=utf-8",
  branches: "newest",
  start: (title) => `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(oneLine(title) || "Conversation")}</title>
<style>
${STYLE}
</style>
</head>
<body>
`,
  between: "",
  end: "</body>\n</html>\n",
  one({ title, system, createdAt }, messages) {
    return `<article>
<h1 dir="auto">${escaped(oneLine(title) || "Conversation")}</h1>
<time>${escaped(createdAt.slice(0, 10))}</time>
${system === "" ? "" : `<h2>System</h2>\n${block(system, "aside")}`}${messages.map(section).join("")}</article>
`
  },
}

function section(stored: StoredMessage): string {
  const { message, state } = stored
  const parts = [`<h2>${escaped(speakerOf(stored))}</h2>\n`]
  if (message.role === "assistant" && message.reasoning !== undefined)
    parts.push(block(message.reasoning, "aside"))
  if (message.content !== "") parts.push(block(message.content))
  if (message.role === "user" && message.images !== undefined)
    parts.push(...message.images.map(({ mediaType }) => block(`[${mediaType}]`, "aside")))
  if (message.role === "assistant" && message.toolCalls !== undefined)
    parts.push(...message.toolCalls.map((call) => block(`${call.name}\n${call.arguments}`, "aside")))
  if (state === "partial") parts.push(block("(broken off)", "aside"))
  return parts.join("")
}

const block = (text: string, more = ""): string =>
  `<div class="${`text ${more}`.trim()}" dir="auto">${escaped(text)}</div>\n`

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

/** For text between tags and in attributes. */
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
