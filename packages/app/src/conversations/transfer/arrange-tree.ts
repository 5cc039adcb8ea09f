// Messages of a program whose conversations are trees → ours: each after the one it follows, what is no message of a person or a model left out,
// and the branch that was looked at last at the end, since that is the one that is shown.
import type { ImportedMessage } from "./imported-conversation.ts"

export interface TreeNode {
  readonly id: string
  /** Null, or one that is not there: it begins the conversation. */
  readonly parentId: string | null
  /** Undefined: nothing to keep; what follows it follows the one before. */
  readonly message: Omit<ImportedMessage, "parentId"> | undefined
  /** Of a node without a message: what the next answer was thinking. */
  readonly reasoning?: string
}

interface Visit {
  readonly node: TreeNode
  readonly parentId: string | null
  readonly reasoning: string
}

/** Nodes that lead nowhere near a beginning (a circle) are left out. */
export function arrangeTree(nodes: readonly TreeNode[], current: string | undefined): ImportedMessage[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const shown = pathTo(current, byId)
  const roots: TreeNode[] = []
  const children = new Map<string, TreeNode[]>()
  for (const node of byId.values()) {
    const { parentId } = node
    const siblings = parentId === null || !byId.has(parentId) ? roots : children.get(parentId)
    if (siblings !== undefined) siblings.push(node)
    else if (parentId !== null) children.set(parentId, [node])
  }
  const inOrder = (siblings: readonly TreeNode[]): readonly TreeNode[] => [
    ...siblings.filter(({ id }) => !shown.has(id)),
    ...siblings.filter(({ id }) => shown.has(id)),
  ]

  const arranged: ImportedMessage[] = []
  // A stack of our own: a conversation of thousands of messages is as deep.
  const open: Visit[] = []
  const push = (siblings: readonly TreeNode[], rest: Omit<Visit, "node">): void => {
    for (const node of inOrder(siblings).toReversed()) open.push({ node, ...rest })
  }
  push(roots, { parentId: null, reasoning: "" })
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const { node, parentId, reasoning } = visit
    const below = children.get(node.id) ?? []
    if (node.message === undefined) {
      push(below, { parentId, reasoning: joined(reasoning, node.reasoning ?? "") })
      continue
    }
    arranged.push({ ...withReasoning(node.message, reasoning), parentId })
    push(below, { parentId: node.id, reasoning: "" })
  }
  return arranged
}

const joined = (before: string, after: string): string =>
  before === "" || after === "" ? before + after : `${before}\n\n${after}`

function pathTo(current: string | undefined, byId: ReadonlyMap<string, TreeNode>): ReadonlySet<string> {
  const path = new Set<string>()
  let node = current === undefined ? undefined : byId.get(current)
  while (node !== undefined && !path.has(node.id)) {
    path.add(node.id)
    node = node.parentId === null ? undefined : byId.get(node.parentId)
  }
  return path
}

function withReasoning(
  node: Omit<ImportedMessage, "parentId">,
  reasoning: string,
): Omit<ImportedMessage, "parentId"> {
  const { message } = node
  if (reasoning === "" || message.role !== "assistant") return node
  return { ...node, message: { ...message, reasoning: message.reasoning ?? reasoning } }
}
