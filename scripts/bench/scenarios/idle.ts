// S6: what a server takes while nobody asks it anything: memory without a model and with one, and processor time.
import { processSeconds, pssBytes } from "../ours/fireside-server.ts"
import type { Contestant, Scenario } from "../scenario.ts"
import type { ChatServer, ServerChoice } from "../servers/chat-server.ts"
import { FIRESIDE, firesideChoice, sayHello } from "../servers/fireside-choice.ts"
import { llamaChoice } from "../servers/llama-choice.ts"

const MIB = 1024 ** 2
const AIM = { emptyMib: 90, overPeerMib: 70, secondsPerMinute: 0.06 }

export const idle: Scenario = {
  id: "S6",
  title: "memory and processor time of an idle server",
  async prepare(bench, signal) {
    const idleMs = bench.quick ? 2_000 : 12_000
    let lastPeerMib = 0
    const own = await firesideChoice(bench, { warmUp: () => Promise.resolve() }, signal)
    const ours = contestant(own, async (server, measureSignal) => {
      await pause(SETTLED_MS)
      const emptyMib = await pssMib(server.pid)
      await sayHello(server, measureSignal)
      return { emptyMib, ...(await settled(server, idleMs)) }
    })
    const peer = contestant(llamaChoice(bench, "D"), async (server) => {
      const measured = await settled(server, idleMs)
      lastPeerMib = measured.loadedMib
      return measured
    })
    const aim: Contestant = {
      name: "aim",
      description: `${AIM.emptyMib} MiB without a model; with it ${AIM.overPeerMib} MiB over llama-server D in the same round; 0.0 s of processor time a minute`,
      measure: () =>
        Promise.resolve({
          emptyMib: AIM.emptyMib,
          loadedMib: lastPeerMib + AIM.overPeerMib,
          secondsPerMinute: AIM.secondsPerMinute,
        }),
    }
    const row = { subject: FIRESIDE, better: "lower" as const }
    const absolute = { ...row, against: aim.name, goal: 1 }
    return {
      contestants: [ours, peer, aim],
      comparisons: [
        { ...absolute, title: "memory without a model", metric: "emptyMib", unit: "MiB" },
        { ...absolute, title: "memory with the model", metric: "loadedMib", unit: "MiB", heldBack: LOADED },
        { ...absolute, title: "processor time a minute", metric: "secondsPerMinute", unit: "s" },
        { ...row, title: "memory with the model", metric: "loadedMib", unit: "MiB", against: peer.name },
      ],
      remarks: [
        `PSS of the process and its children, ${SETTLED_MS / 1_000} s after a start and after a first answer; processor time over ${idleMs / 1_000} s. Each server runs alone: pages that two of them map would count half.`,
      ],
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  },
}

const LOADED =
  "two processes of Node stand where the peer has one of C++, and the context is that of all streams together where the peer's default slots share one."

/** Compilers and collectors have done their work by then. */
const SETTLED_MS = 3_000

function contestant(
  { name, description, start }: ServerChoice,
  measure: (server: ChatServer, signal: AbortSignal) => Promise<Readonly<Record<string, number>>>,
): Contestant {
  return {
    name,
    description,
    async measure(signal) {
      await using server = await start(signal)
      return await measure(server, signal)
    },
  }
}

async function settled({ pid }: ChatServer, idleMs: number) {
  await pause(SETTLED_MS)
  const before = await processSeconds(pid)
  await pause(idleMs)
  const spent = (await processSeconds(pid)) - before
  return { loadedMib: await pssMib(pid), secondsPerMinute: (spent * 60_000) / idleMs }
}

async function pssMib(pid: number): Promise<number> {
  const bytes = await pssBytes(pid)
  if (bytes === undefined) throw new Error("this system does not say how much memory a process takes (PSS)")
  return bytes / MIB
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
