// Which prompt is chosen in the menu behind a slash, and what the keys do with it.
import type { StoredPrompt } from "@fireside/protocol"
import { type KeyboardEvent, useState } from "react"
import { usePrompts } from "../../queries/prompts.ts"
import { isSlashSearch, slashMatches } from "./slash-search.ts"

export interface OpenSlashMenu {
  readonly matches: readonly StoredPrompt[]
  readonly chosen: number
}

export interface SlashMenuState {
  /** Undefined: it is closed. */
  readonly open: OpenSlashMenu | undefined
  /** True when the key was for the menu. */
  readonly onKey: (event: KeyboardEvent) => boolean
}

export function useSlashMenu(text: string, onPick: (prompt: StoredPrompt) => void): SlashMenuState {
  const prompts = usePrompts({ enabled: isSlashSearch(text) })
  const [chosen, setChosen] = useState(0)
  /** The text for which it was closed. */
  const [closedFor, setClosedFor] = useState<string>()
  const found = slashMatches(text, prompts.data ?? [])
  if (found === undefined || found.length === 0 || closedFor === text)
    return { open: undefined, onKey: () => false }
  const at = Math.min(chosen, found.length - 1)
  const onKey = (event: KeyboardEvent): boolean => {
    switch (event.key) {
      case "ArrowDown":
        setChosen((at + 1) % found.length)
        return true
      case "ArrowUp":
        setChosen((at + found.length - 1) % found.length)
        return true
      case "Escape":
        setClosedFor(text)
        return true
      case "Enter":
      case "Tab": {
        const prompt = found[at]
        if (event.shiftKey || prompt === undefined) return false
        setChosen(0)
        onPick(prompt)
        return true
      }
      default:
        return false
    }
  }
  return { open: { matches: found, chosen: at }, onKey }
}
