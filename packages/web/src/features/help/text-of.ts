import type { ReactNode } from "react"

/** The words of rendered content. */
export function textOf(node: ReactNode): string {
  if (typeof node === "string" || typeof node === "number") return String(node)
  if (Array.isArray(node)) return node.map(textOf).join("")
  if (typeof node === "object" && node !== null && "props" in node)
    // An element's children, if it has any, are content too.
    return textOf((node.props as { children?: ReactNode }).children)
  return ""
}
