// What was typed and not sent, by conversation ("new" for the next one): it survives a reload.
import { create } from "zustand"
import { persist } from "zustand/middleware"

export interface Draft {
  readonly text: string
  /** Model of a chat that has not begun. */
  readonly model: string
}

const EMPTY: Draft = { text: "", model: "" }

interface Drafts {
  readonly byConversation: Readonly<Record<string, Draft>>
}

const useDrafts = create<Drafts>()(
  persist(() => ({ byConversation: {} }) as Drafts, { name: "fireside-drafts" }),
)

export function useDraft(id: string): [Draft, (change: Partial<Draft>) => void] {
  const draft = useDrafts(({ byConversation }) => byConversation[id] ?? EMPTY)
  return [draft, (change) => changeDraft(id, change)]
}

function changeDraft(id: string, change: Partial<Draft>): void {
  useDrafts.setState(({ byConversation: { [id]: before = EMPTY, ...others } }) => {
    const draft = { ...before, ...change }
    return { byConversation: draft.text === "" && draft.model === "" ? others : { ...others, [id]: draft } }
  })
}
