// How this browser shows the page to its user. Kept in the browser and never sent to the server: another device may differ.
import { z } from "@fireside/protocol"
import { create } from "zustand"
import { persist } from "zustand/middleware"

export interface PreferenceValues {
  /** `auto`: as the system. */
  readonly theme: "light" | "dark" | "auto"
  /** A language of `LANGUAGES`; empty: the browser's. */
  readonly language: string
  readonly textSize: "small" | "medium" | "large"
  /** `auto`: as the system. */
  readonly motion: "auto" | "reduced"
  /** Says answers to screen readers, sentence by sentence. */
  readonly announcements: boolean
  /** Enter sends, Shift+Enter breaks the line; otherwise the other way round. */
  readonly enterSends: boolean
}

export interface Preferences extends PreferenceValues {
  change(change: Partial<PreferenceValues>): void
}

const StoredPreferences = z.object({
  theme: z.enum(["light", "dark", "auto"]).catch("auto"),
  language: z.string().max(35).catch(""),
  textSize: z.enum(["small", "medium", "large"]).catch("medium"),
  motion: z.enum(["auto", "reduced"]).catch("auto"),
  announcements: z.boolean().catch(true),
  enterSends: z.boolean().catch(true),
})

/** What an older version or its user left in the browser: a value that is none of ours is the default, the others stay. */
export function readPreferences(stored: unknown): PreferenceValues {
  const parsed = StoredPreferences.safeParse(stored)
  return parsed.success ? parsed.data : StoredPreferences.parse({})
}

export const usePreferences = create<Preferences>()(
  persist((set) => ({ ...readPreferences({}), change: (change) => set(change) }), {
    name: "fireside-preferences",
    merge: (stored, current) => ({ ...current, ...readPreferences(stored) }),
  }),
)
