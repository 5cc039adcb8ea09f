// A conversation is a tree: messages with the same parent are versions of each other. One path from the root to a leaf is what is
// shown. Pure.
import type { StoredMessage } from "@fireside/protocol"

export interface ShownMessage {
  readonly stored: StoredMessage
  /** All versions, oldest first; it is one of them. */
  readonly versions: readonly string[]
}

/**
 * The path through `through` (a message anywhere on it), going on to the newest message below it. Undefined, or unknown: through the
 * newest message of all. `messages`: oldest first, in which parents come before their children.
 */
export function shownPath(messages: readonly StoredMessage[], through?: string): readonly ShownMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const children = childrenOf(messages)
  const start = (through === undefined ? undefined : byId.get(through)) ?? messages.at(-1)
  if (start === undefined) return []
  const path: StoredMessage[] = []
  for (let at: StoredMessage | undefined = start; at !== undefined; at = parentOf(at, byId)) path.unshift(at)
  for (let next = newestBelow(start.id, children, byId); next !== undefined; ) {
    path.push(next)
    next = newestBelow(next.id, children, byId)
  }
  return path.map((stored) => ({
    stored,
    versions: children.get(stored.parentId) ?? [],
  }))
}

/** The version beside one, `step` to the right (−1: to the left); undefined at the end. */
export function otherVersion({ stored, versions }: ShownMessage, step: 1 | -1): string | undefined {
  return versions[versions.indexOf(stored.id) + step]
}

type Children = ReadonlyMap<string | null, readonly string[]>

function childrenOf(messages: readonly StoredMessage[]): Children {
  const children = new Map<string | null, string[]>()
  for (const { id, parentId } of messages) {
    const siblings = children.get(parentId) ?? []
    siblings.push(id)
    children.set(parentId, siblings)
  }
  return children
}

function parentOf(
  { parentId }: StoredMessage,
  byId: ReadonlyMap<string, StoredMessage>,
): StoredMessage | undefined {
  return parentId === null ? undefined : byId.get(parentId)
}

function newestBelow(
  id: string,
  children: Children,
  byId: ReadonlyMap<string, StoredMessage>,
): StoredMessage | undefined {
  const newest = children.get(id)?.at(-1)
  return newest === undefined ? undefined : byId.get(newest)
}
