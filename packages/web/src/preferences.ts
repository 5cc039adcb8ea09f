// What this browser remembers of how its user likes the page.
import { create } from "zustand"
import { persist } from "zustand/middleware"

export interface Preferences {
  readonly theme: "light" | "dark" | "auto"
  /** A language of `LANGUAGES`; empty: the browser's. */
  readonly language: string
  readonly textSize: "small" | "medium" | "large"
  /** Says answers to screen readers, sentence by sentence. */
  readonly announcements: boolean
  /** Enter sends, Shift+Enter breaks the line; otherwise the other way round. */
  readonly enterSends: boolean
  change(change: Partial<Omit<Preferences, "change">>): void
}

export const usePreferences = create<Preferences>()(
  persist(
    (set) => ({
      theme: "auto",
      language: "",
      textSize: "medium",
      announcements: true,
      enterSends: true,
      change: (change) => set(change),
    }),
    { name: "fireside-preferences" },
  ),
)
