// A coding agent puts a line of accounting in front of its system prompt. Two of its values change with each request, so that no prompt would begin as the last one did.

/** The whole line, and nothing that only resembles it. */
const HEADER =
  /^x-anthropic-billing-header: cc_version=\d+\.\d+\.\d+(?:\.[0-9a-f]{3})?;(?: [a-z_]+=[A-Za-z0-9._-]*;)*\r?$/

/** The text with the changing values of the header replaced by zeros; the same text when its first line is not the header. */
export function normaliseBillingHeader(text: string): string {
  const newline = text.indexOf("\n")
  const end = newline < 0 ? text.length : newline
  const line = text.slice(0, end)
  if (!HEADER.test(line)) return text
  const steady = line
    .replace(/( cc_version=\d+\.\d+\.\d+)\.[0-9a-f]{3};/, "$1.000;")
    .replace(/ cch=[A-Za-z0-9._-]*;/g, " cch=00000;")
  return steady + text.slice(end)
}
