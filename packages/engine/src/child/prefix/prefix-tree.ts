// A radix tree over token ids: which lines of computed tokens begin like a prompt, and how far. Pure; what a line is, and where its
// results are, the tree does not know.

interface Node<Line> {
  /** Tokens of the edge that leads here. Never empty but in the root. */
  run: readonly number[]
  /** Lines whose tokens hold the whole way from the root to the end of this run. Never empty but in the root. */
  readonly lines: Set<Line>
  /** By the first token of their run. */
  readonly children: Map<number, Node<Line>>
}

export interface PrefixMatch<Line> {
  /** How many tokens at the beginning of the prompt these lines hold. */
  readonly length: number
  readonly lines: ReadonlySet<Line>
}

export class PrefixTree<Line> {
  readonly #root: Node<Line> = { run: [], lines: new Set(), children: new Map() }
  readonly #tokens = new Map<Line, readonly number[]>()

  get lines(): Iterable<Line> {
    return this.#tokens.keys()
  }

  /** Takes a line in, or changes its tokens. A line without tokens is not held. */
  set(line: Line, tokens: readonly number[]): void {
    this.delete(line)
    if (tokens.length === 0) return
    const held = tokens.slice()
    this.#tokens.set(line, held)
    let node = this.#root
    let at = 0
    while (at < held.length) {
      const child = node.children.get(held[at] ?? -1)
      if (child === undefined) {
        addChild(node, { run: held.slice(at), lines: new Set([line]), children: new Map() })
        return
      }
      const common = commonLength(child.run, held, at)
      node = common < child.run.length ? split(node, child, common) : child
      node.lines.add(line)
      at += common
    }
  }

  delete(line: Line): void {
    const tokens = this.#tokens.get(line)
    if (tokens === undefined) return
    this.#tokens.delete(line)
    let parent = this.#root
    let at = 0
    while (at < tokens.length) {
      const node = childAt(parent, tokens[at])
      node.lines.delete(line)
      if (node.lines.size === 0) {
        // Nobody else goes this way, nor further.
        parent.children.delete(tokens[at] ?? -1)
        break
      }
      at += node.run.length
      parent = node
    }
    this.#joinAlong(tokens)
  }

  /** The lines that begin like `prompt`, the longest match first. A line is in each match that is not longer than its own. */
  match(prompt: readonly number[]): readonly PrefixMatch<Line>[] {
    const matches: PrefixMatch<Line>[] = []
    let node = this.#root
    let at = 0
    for (;;) {
      const child = node.children.get(prompt[at] ?? -1)
      if (child === undefined) break
      const common = commonLength(child.run, prompt, at)
      at += common
      matches.push({ length: at, lines: child.lines })
      if (common < child.run.length) break
      node = child
    }
    return matches.reverse()
  }

  /**
   * Throws where the tree is not what it must be: every line's way is there and marked, no node is without lines, no run is empty, and no
   * node could be one with its only child. For tests.
   */
  check(): void {
    for (const [line, tokens] of this.#tokens) {
      let node = this.#root
      for (let at = 0; at < tokens.length; at += node.run.length) {
        node = childAt(node, tokens[at])
        if (commonLength(node.run, tokens, at) !== node.run.length)
          throw new Error("a line ends inside a run")
        if (!node.lines.has(line)) throw new Error("a node does not know its line")
      }
    }
    const open = [...this.#root.children.values()]
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node.run.length === 0) throw new Error("an empty run")
      if (node.lines.size === 0) throw new Error("a node without lines")
      for (const line of node.lines) if (!this.#tokens.has(line)) throw new Error("a line that was deleted")
      if (onlyChild(node) !== undefined) throw new Error("two nodes that are one")
      open.push(...node.children.values())
    }
  }

  /** Puts nodes together that a deletion has left with one child of the same lines. */
  #joinAlong(tokens: readonly number[]): void {
    let parent = this.#root
    let at = 0
    for (;;) {
      let node = parent.children.get(tokens[at] ?? -1)
      if (node === undefined) return
      for (let child = onlyChild(node); child !== undefined; child = onlyChild(node)) {
        node = { run: [...node.run, ...child.run], lines: child.lines, children: child.children }
        parent.children.set(tokens[at] ?? -1, node)
      }
      at += node.run.length
      parent = node
    }
  }
}

/** The child that a node could be one with. */
function onlyChild<Line>(node: Node<Line>): Node<Line> | undefined {
  if (node.children.size !== 1) return undefined
  const [child] = node.children.values()
  return child?.lines.size === node.lines.size ? child : undefined
}

function addChild<Line>(parent: Node<Line>, child: Node<Line>): void {
  parent.children.set(child.run[0] ?? -1, child)
}

function childAt<Line>(node: Node<Line>, token: number | undefined): Node<Line> {
  const child = node.children.get(token ?? -1)
  if (child === undefined) throw new Error("a line's way through the tree is broken")
  return child
}

/** Cuts the edge to `child` after `count` tokens; returns the node in the middle. */
function split<Line>(parent: Node<Line>, child: Node<Line>, count: number): Node<Line> {
  const middle: Node<Line> = {
    run: child.run.slice(0, count),
    lines: new Set(child.lines),
    children: new Map(),
  }
  child.run = child.run.slice(count)
  addChild(middle, child)
  addChild(parent, middle)
  return middle
}

/** How many tokens of `run` are those of `tokens` from `at` on. */
function commonLength(run: readonly number[], tokens: readonly number[], at: number): number {
  const most = Math.min(run.length, tokens.length - at)
  let common = 0
  while (common < most && run[common] === tokens[at + common]) common++
  return common
}
