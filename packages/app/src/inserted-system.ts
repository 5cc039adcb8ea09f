// Some templates put a system text of their own in front when the request has none. What the model saw must not be a secret.
import type { Model } from "@fireside/engine"

export interface InsertedSystem {
  /** The text that the model's template inserts by itself; undefined when it inserts none. Rendered once for each model. */
  find(model: Model, signal: AbortSignal): Promise<string | undefined>
  /** The same, but only at the first call for a model: what is told once need not be told again. */
  findUntold(model: Model, signal: AbortSignal): Promise<string | undefined>
}

export function createInsertedSystem(): InsertedSystem {
  const found = new WeakMap<Model, Promise<string | undefined>>()
  const told = new WeakSet<Model>()
  const find = (model: Model, signal: AbortSignal): Promise<string | undefined> => {
    const known = found.get(model)
    if (known !== undefined) return known
    const looking = render(model, signal)
    found.set(model, looking)
    looking.catch(() => found.delete(model))
    return looking
  }
  return {
    find,
    async findUntold(model, signal) {
      if (told.has(model)) return undefined
      const text = await find(model, signal)
      told.add(model)
      return text
    },
  }
}

/** Plain words: they come through every tokeniser as they are. */
const SYSTEM_MARK = "FIRESIDE SYSTEM"
const USER_MARK = "FIRESIDE USER"

/** Renders with and without a system text; what stands in its place in the second is the template's own. */
async function render(model: Model, signal: AbortSignal): Promise<string | undefined> {
  if (!model.facts.hasChatTemplate) return undefined
  const user = { role: "user", content: USER_MARK } as const
  const system = { role: "system", content: SYSTEM_MARK } as const
  const [bare, marked] = await Promise.all([
    model.render({ type: "chat", messages: [user] }, signal),
    model.render({ type: "chat", messages: [system, user] }, signal),
  ])
  const systemAt = marked.text.indexOf(SYSTEM_MARK)
  const userAt = marked.text.indexOf(USER_MARK)
  if (systemAt < 0 || userAt < systemAt) return undefined
  const before = marked.text.slice(0, systemAt)
  const after = marked.text.slice(systemAt + SYSTEM_MARK.length, userAt + USER_MARK.length)
  if (!bare.text.startsWith(before)) return undefined
  const end = bare.text.indexOf(after, before.length)
  if (end < 0) return undefined
  const inserted = bare.text.slice(before.length, end).trim()
  return inserted === "" ? undefined : inserted
}
