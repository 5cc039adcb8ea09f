// One passage through the door: decide, write it down, connect to the address that was decided on. The broker and the proxy
// both go through here, so there is no second way out.
import { lookup } from "node:dns/promises"
import { connect, isIP, type Socket } from "node:net"
import type { Clock, Log } from "@fireside/host"
import { AppError, DOWNLOAD_LIMITS, type LedgerEntry } from "@fireside/protocol"
import { isPublicAddress } from "./address-policy.ts"
import type { EgressPurpose } from "./egress.ts"
import type { Ledger } from "./ledger.ts"
import type { Lock } from "./lock.ts"

/** All addresses of a name, in the order they are to be tried. */
export type Resolver = (host: string) => Promise<readonly string[]>

/** IPv4 first: a home network without IPv6 routes would otherwise wait for each attempt to fail. */
export const SYSTEM_RESOLVER: Resolver = async (host) =>
  (await lookup(host, { all: true, order: "ipv4first" })).map(({ address }) => address)

export interface PassageWorld {
  readonly ledger: Ledger
  readonly lock: Lock
  readonly clock: Clock
  readonly log: Log
  readonly resolve: Resolver
}

export interface Destination {
  readonly host: string
  readonly port: number
  /** The user named this host: it may be private, and plain http. */
  readonly trusted: boolean
  readonly encrypted: boolean
}

export interface Passage {
  readonly socket: Socket
  readonly entry: LedgerEntry
}

/**
 * Opens a TCP connection, entered in the ledger before its first packet. The entry is completed with the socket's byte counts
 * when the socket closes. Throws `network-locked`, `network-blocked`, `network-failed`.
 */
export async function openPassage(
  world: PassageWorld,
  purpose: EgressPurpose,
  destination: Destination,
  signal: AbortSignal,
): Promise<Passage> {
  signal.throwIfAborted()
  refuseLocked(world, purpose, destination)
  if (!destination.encrypted && !destination.trusted) {
    throw block(
      world,
      purpose,
      destination,
      "",
      "plain http is only used to addresses that you configured yourself",
    )
  }
  const addresses = await addressesOf(world, destination)
  if (!destination.trusted) {
    const hidden = addresses.find((address) => !isPublicAddress(address))
    if (hidden !== undefined) {
      throw block(
        world,
        purpose,
        destination,
        hidden,
        `${hidden} is an address of this machine or of a private network`,
      )
    }
  }
  let failure: unknown
  for (const address of addresses) {
    signal.throwIfAborted()
    const entry = world.ledger.append({
      ...claimOf(world, purpose, destination),
      address,
      verdict: "sent",
      detail: "",
    })
    try {
      return { entry, socket: await connectTo(world, { address, port: destination.port, entry }, signal) }
    } catch (error) {
      signal.throwIfAborted()
      failure = error
    }
  }
  throw new AppError("network-failed", {
    message: `${destination.host} could not be reached (${reasonOf(failure)}).`,
    hint: "Check the internet connection, then run the same command again.",
    details: { host: destination.host, port: destination.port },
    cause: failure,
  })
}

/** Throws `network-locked`, with a blocked entry in the ledger, when the lock forbids the host. An empty host asks about any. */
export function refuseLocked(
  world: PassageWorld,
  purpose: EgressPurpose,
  destination: Pick<Destination, "host" | "port">,
): void {
  const state = world.lock.state()
  if (state === "ask") return
  if (
    state === "allow-list" &&
    (destination.host === "" || world.lock.allowedHosts().includes(destination.host))
  )
    return
  const detail = state === "locked" ? "the privacy lock is on" : "the host is not on the allow-list"
  world.ledger.append({ ...claimOf(world, purpose, destination), address: "", verdict: "blocked", detail })
  throw new AppError("network-locked", {
    message: `Nothing was sent${destination.host === "" ? "" : ` to ${destination.host}`}: ${detail} (${purpose.reason}).`,
    hint:
      state === "locked"
        ? "Run `fireside privacy unlock` to let what you ask for through."
        : `Run \`fireside privacy allow ${destination.host}\` to put it on the list.`,
    details: { host: destination.host, lock: state },
  })
}

function block(
  world: PassageWorld,
  purpose: EgressPurpose,
  destination: Destination,
  address: string,
  detail: string,
): AppError {
  world.ledger.append({ ...claimOf(world, purpose, destination), address, verdict: "blocked", detail })
  return new AppError("network-blocked", {
    message: `Nothing was sent to ${destination.host}: ${detail}.`,
    hint: "If this address is yours, name it in the configuration (for example HF_ENDPOINT).",
    details: { host: destination.host, address },
  })
}

function claimOf(
  world: PassageWorld,
  purpose: EgressPurpose,
  { host, port }: Pick<Destination, "host" | "port">,
) {
  const { reason, feature, contentClass } = purpose
  return { reason, feature, contentClass, host, port, lock: world.lock.state() }
}

async function addressesOf(world: PassageWorld, { host }: Destination): Promise<readonly string[]> {
  const literal = host.replace(/^\[(.*)\]$/, "$1")
  if (isIP(literal) !== 0) return [literal]
  try {
    const addresses = await world.resolve(host)
    if (addresses.length > 0) return addresses
    throw new Error("the name has no address")
  } catch (cause) {
    throw new AppError("network-failed", {
      message: `The name ${host} could not be resolved (${reasonOf(cause)}).`,
      hint: "Check the internet connection, then run the same command again.",
      details: { host },
      cause,
    })
  }
}

interface Target {
  readonly address: string
  readonly port: number
  readonly entry: LedgerEntry
}

function connectTo(
  world: PassageWorld,
  { address, port, entry }: Target,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port })
    let outcome = "done"
    const fail = (error: Error) => socket.destroy(error)
    const onAbort = () => fail(signal.reason instanceof Error ? signal.reason : new Error("stopped"))
    const timer = world.clock.setTimer(DOWNLOAD_LIMITS.connectMs, () => fail(new Error("no answer in time")))
    signal.addEventListener("abort", onAbort, { once: true })
    socket.once("connect", () => {
      timer.cancel()
      resolve(socket)
    })
    socket.on("error", (error) => {
      outcome = reasonOf(error)
      reject(error)
    })
    socket.once("close", () => {
      timer.cancel()
      signal.removeEventListener("abort", onAbort)
      // The passage itself is on record already; an end that cannot be written must not bring the process down.
      try {
        world.ledger.complete(entry, { bytesOut: socket.bytesWritten, bytesIn: socket.bytesRead, outcome })
      } catch (error) {
        world.log.error("the end of a connection could not be written to the ledger", {
          seq: entry.seq,
          error: reasonOf(error),
        })
      }
      reject(new Error("the connection closed"))
    })
  })
}

/** The system's code where there is one, which people search for; else the message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = (error as NodeJS.ErrnoException).code
  return code ?? error.message
}
