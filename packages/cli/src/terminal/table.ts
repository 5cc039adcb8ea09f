// Columns without lines, as `docker` and `ollama` print them: easy to read and to cut with awk.
import Table from "cli-table3"
import { stripEscapes } from "./strip-escapes.ts"

const NO_LINES = Object.fromEntries(
  [
    ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
    ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
  ].map((name) => [name, ""]),
)

/** The rows under their heads, each line ending in a line feed. Cells lose control characters and line breaks. */
export function formatTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    chars: NO_LINES,
    style: { "padding-left": 0, "padding-right": 4, head: [], border: [] },
  })
  for (const row of [heads, ...rows]) table.push(row.map((cell) => stripEscapes(cell).replace(/\s+/g, " ")))
  const lines = table.toString().split("\n")
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`
}
