// Who has a turn next: a lane for each model, in each lane deficit round-robin between owners, one bound on all that wait.
// Pure: no clock, no promises. `turns.ts` makes callers wait by it.
// Deficit round-robin: Shreedhar and Varghese, "Efficient Fair Queuing Using Deficit Round-Robin", 1995.

export interface Ticket {
  /** Of the model. */
  readonly key: string
  readonly owner: string
  /** Tokens that the turn is estimated to take; > 0. */
  readonly cost: number
}

/** `full`: as many wait as may. `share`: the owner's own waiting requests fill its part. Neither keeps the ticket. */
export type Entered = "running" | "waiting" | "full" | "share"

export interface FairQueueOptions {
  /** Turns at once of a model, asked when its lane is opened. */
  readonly slots: (key: string) => number
  /** Tickets that may wait in all lanes together. */
  readonly length: number
  /** Tokens that an owner may take before the next one has its turn. */
  readonly quantumTokens: number
  /** Part of `length` that one owner may fill while others wait or run. */
  readonly shareOfOneOwner: number
}

export interface FairQueue {
  readonly running: number
  readonly waiting: number
  waitingOf(key: string): number
  slotsOf(key: string): number
  enter(ticket: Ticket): Entered
  /** When it is full: the newest ticket of the owner who waits with most, if that is more than `owner` would have with one more. */
  greediest(owner: string): Ticket | undefined
  /** Ends a turn, or a wait. Returns the tickets whose turns begin by it; nothing happens to a ticket that is not here. */
  leave(ticket: Ticket): readonly Ticket[]
  /** Turns that run already go on when there are fewer slots now. */
  resize(key: string, slots: number): readonly Ticket[]
  /** Those that wait for a model, in the order in which they will have their turn if nobody else comes. */
  order(key: string): readonly Ticket[]
}

interface Line {
  readonly owner: string
  readonly tickets: Ticket[]
  deficit: number
  /** Its quantum of this round was added. */
  isVisited: boolean
}

interface Lane {
  slots: number
  readonly running: Set<Ticket>
  /** Of owners who wait; the first is the one whose turn it is. */
  readonly ring: Line[]
}

export function createFairQueue(options: FairQueueOptions): FairQueue {
  const { length, quantumTokens } = options
  const shareLength = Math.max(1, Math.floor(length * options.shareOfOneOwner))
  const lanes = new Map<string, Lane>()
  /** Of each owner, in all lanes. */
  const waitingBy = new Map<string, number>()
  const runningBy = new Map<string, number>()
  let running = 0
  let waiting = 0

  function openLane(key: string): Lane {
    const lane = lanes.get(key) ?? { slots: Math.max(1, options.slots(key)), running: new Set(), ring: [] }
    lanes.set(key, lane)
    return lane
  }

  function closeIfEmpty(key: string, lane: Lane): void {
    if (lane.running.size === 0 && lane.ring.length === 0) lanes.delete(key)
  }

  function start(lane: Lane, ticket: Ticket): void {
    lane.running.add(ticket)
    running += 1
    add(runningBy, ticket.owner, 1)
  }

  /** Gives away what is free. */
  function advance(lane: Lane): readonly Ticket[] {
    const started: Ticket[] = []
    while (lane.running.size < lane.slots) {
      const ticket = takeNext(lane.ring, quantumTokens)
      if (ticket === undefined) break
      waiting -= 1
      add(waitingBy, ticket.owner, -1)
      start(lane, ticket)
      started.push(ticket)
    }
    return started
  }

  const isAlone = (owner: string): boolean =>
    [waitingBy, runningBy].every((counts) => [...counts.keys()].every((other) => other === owner))

  return {
    get running() {
      return running
    },
    get waiting() {
      return waiting
    },
    waitingOf: (key) => lanes.get(key)?.ring.reduce((sum, line) => sum + line.tickets.length, 0) ?? 0,
    slotsOf: (key) => lanes.get(key)?.slots ?? Math.max(1, options.slots(key)),
    enter(ticket) {
      const lane = openLane(ticket.key)
      if (lane.running.size < lane.slots) {
        start(lane, ticket)
        return "running"
      }
      if (waiting >= length) return "full"
      if ((waitingBy.get(ticket.owner) ?? 0) >= shareLength && !isAlone(ticket.owner)) return "share"
      waiting += 1
      add(waitingBy, ticket.owner, 1)
      const line = lane.ring.find((it) => it.owner === ticket.owner)
      if (line === undefined)
        lane.ring.push({ owner: ticket.owner, tickets: [ticket], deficit: 0, isVisited: false })
      else line.tickets.push(ticket)
      return "waiting"
    },
    greediest(owner) {
      let greedy: readonly [string, number] = ["", (waitingBy.get(owner) ?? 0) + 1]
      for (const entry of waitingBy) if (entry[1] > greedy[1]) greedy = entry
      const lines = [...lanes.values()].flatMap((lane) => lane.ring).filter((it) => it.owner === greedy[0])
      // Of several models, the one with its longest line: the others lose nothing by it.
      return lines.sort((left, right) => right.tickets.length - left.tickets.length)[0]?.tickets.at(-1)
    },
    leave(ticket) {
      const lane = lanes.get(ticket.key)
      if (lane === undefined) return []
      if (lane.running.delete(ticket)) {
        running -= 1
        add(runningBy, ticket.owner, -1)
      } else if (strike(lane.ring, ticket)) {
        waiting -= 1
        add(waitingBy, ticket.owner, -1)
      }
      const started = advance(lane)
      closeIfEmpty(ticket.key, lane)
      return started
    },
    resize(key, slots) {
      const lane = lanes.get(key)
      if (lane === undefined) return []
      lane.slots = Math.max(1, slots)
      return advance(lane)
    },
    order(key) {
      const ring = (lanes.get(key)?.ring ?? []).map((line) => ({ ...line, tickets: [...line.tickets] }))
      const tickets: Ticket[] = []
      for (;;) {
        const next = takeNext(ring, quantumTokens)
        if (next === undefined) return tickets
        tickets.push(next)
      }
    },
  }
}

/** One step of the round-robin. Ends, because each visit adds a quantum and costs are finite. */
function takeNext(ring: Line[], quantumTokens: number): Ticket | undefined {
  for (;;) {
    const [line] = ring
    const ticket = line?.tickets[0]
    if (line === undefined || ticket === undefined) return undefined
    if (!line.isVisited) {
      line.deficit += quantumTokens
      line.isVisited = true
    }
    if (line.deficit >= ticket.cost) {
      line.tickets.shift()
      line.deficit -= ticket.cost
      // What an owner does not use is not saved up.
      if (line.tickets.length === 0) ring.shift()
      return ticket
    }
    line.isVisited = false
    ring.shift()
    ring.push(line)
  }
}

function strike(ring: Line[], ticket: Ticket): boolean {
  for (const [at, line] of ring.entries()) {
    const place = line.tickets.indexOf(ticket)
    if (place < 0) continue
    line.tickets.splice(place, 1)
    if (line.tickets.length === 0) ring.splice(at, 1)
    return true
  }
  return false
}

/** Counts of zero are not kept: the keys are the owners that are here. */
function add(counts: Map<string, number>, owner: string, change: number): void {
  const count = (counts.get(owner) ?? 0) + change
  if (count === 0) counts.delete(owner)
  else counts.set(owner, count)
}
