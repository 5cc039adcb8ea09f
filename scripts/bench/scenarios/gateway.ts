// S9, S5a, S6: what the gateway itself costs. The echo engine answers, so everything that is measured is ours. The aims are absolute, and stand
// in the table as a contestant of their own.

import { once } from "node:events"
import { Agent, request } from "node:http"
import { connect } from "node:net"
import { join } from "node:path"
import { bundleCommand, sourceCommand } from "../ours/fireside-command.ts"
import { pssBytes, serveFireside } from "../ours/fireside-server.ts"
import { runTool } from "../run-tool.ts"
import type { Bench, Scenario } from "../scenario.ts"

const STREAMS = 64
const TOKENS = 500
const MANY_STREAMS = 256
const REQUESTS = 300
const CONNECTIONS = 500
const IDLE_MS = 5_000

const AIM = { requestMs: 1, tokenUs: 15, failed: 0, refusalMs: 50, idleMib: 90 }

export const gateway: Scenario = {
  id: "S9",
  title: "the gateway alone, with the echo engine",
  async prepare(bench) {
    const home = join(bench.workFolder, "home")
    const bundle = bundleCommand(bench.root, home)
    const command = bundle ?? sourceCommand(bench.root, home)
    const name = `fireside serve (${command.kind})`
    // For the caches of compiled code, as on any machine where it ran before.
    await (await serveFireside(command, { home, engine: "echo" }, new AbortController().signal))[
      Symbol.asyncDispose
    ]()
    const aims = (["requestMs", "tokenUs", "refusalMs", "idleMib", "healthMs"] as const).map((metric) => ({
      title: TITLES[metric],
      metric,
      unit: metric === "tokenUs" ? "µs" : metric === "idleMib" ? "MiB" : "ms",
      subject: name,
      against: "aim",
      better: "lower" as const,
      goal: 1,
      ...(metric === "refusalMs" ? { heldBack: REFUSALS } : {}),
    }))
    return {
      contestants: [
        {
          name,
          description: `node ${command.kind === "bundle" ? "dist/fireside.js" : "packages/cli/src/main.ts"} serve --engine echo`,
          measure: (signal) => measureOurs(bench, command, home, signal),
        },
        {
          name: "aim",
          description: "the aims of the design; 2 × `node -e 0` + 200 ms to the first health answer",
          async measure(signal) {
            const startedAt = performance.now()
            await runTool(process.execPath, ["-e", "0"], {}, signal)
            const healthMs = 2 * (performance.now() - startedAt) + 200
            return { ...AIM, healthMs }
          },
        },
      ],
      comparisons: aims,
      remarks: [
        `A request: ${REQUESTS} one after another with one token each, median of the whole round trip on one kept connection, client included. A token: ${STREAMS} streams of ${TOKENS} tokens at once, makespan by tokens, client included (it has the other processor). ${MANY_STREAMS} streams must all end without an error, and of ${CONNECTIONS} connections against 4 + 64 every accepted one must finish: anything else fails the scenario.`,
        `Refusals: p99 from the first byte sent to the first byte back, all ${CONNECTIONS} connections open before; \`coldRefusalMs\` is the first such crowd that the server ever met, \`refusalMs\` the second. The client's own time is in both.`,
        `Idle memory: PSS ${IDLE_MS / 1_000} s after the start, before any request.`,
      ],
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  },
}

const REFUSALS =
  "some 430 whole requests come at once to one process, which reads and answers each in 0.13 ms: the last one waits for all others. The answer is in the dialect of its request, so that none is turned away unread."

const TITLES = {
  requestMs: "one request, round trip",
  tokenUs: "one token of 64 streams",
  refusalMs: "p99 of a refusal when the queue is full",
  idleMib: "idle memory, no model",
  healthMs: "program started → /health",
}

async function measureOurs(
  bench: Bench,
  command: Parameters<typeof serveFireside>[0],
  home: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const measured: Record<string, number> = {}
  {
    await using served = await serveFireside(command, { home, engine: "echo" }, signal)
    measured.healthMs = served.healthMs
    await new Promise((resolve) => setTimeout(resolve, bench.quick ? 500 : IDLE_MS))
    const idle = await pssBytes(served.pid)
    if (idle !== undefined) measured.idleMib = idle / 1024 ** 2
    const agent = new Agent({ keepAlive: true, maxSockets: MANY_STREAMS })
    const chat = (tokens: number, stream: boolean): Promise<Answer> =>
      ask(served.url, { agent, tokens, stream }, signal)
    for (let at = 0; at < 50; at += 1) await chat(1, false)
    const times: number[] = []
    for (let at = 0; at < REQUESTS; at += 1) {
      const startedAt = performance.now()
      await chat(1, false)
      times.push(performance.now() - startedAt)
    }
    measured.requestMs = quantile(times, 0.5)
    const startedAt = performance.now()
    const answers = await Promise.all(Array.from({ length: STREAMS }, () => chat(TOKENS, true)))
    measured.tokenUs = ((performance.now() - startedAt) * 1_000) / (STREAMS * TOKENS)
    mustAllFinish(answers)
    mustAllFinish(await Promise.all(Array.from({ length: MANY_STREAMS }, () => chat(64, true))))
    agent.destroy()
  }
  await using small = await serveFireside(
    command,
    { home, engine: "echo", flags: ["--parallel", "4", "--queue", "64"] },
    signal,
  )
  for (let at = 0; at < 50; at += 1)
    await ask(small.url, { agent: undefined, tokens: 20, stream: true }, signal)
  // The first crowd meets code that was never run; the second one is what a server in use does. Both are published.
  const first = await askAtOnce(small.url, CONNECTIONS, signal)
  const crowd = await askAtOnce(small.url, CONNECTIONS, signal)
  const isRefused = (answer: Answer): boolean => answer.status === 429 || answer.status === 503
  mustAllFinish([...first, ...crowd].filter((answer) => !isRefused(answer)))
  const refused = crowd.filter(isRefused)
  measured.coldRefusalMs = quantile(
    first.filter(isRefused).map((answer) => answer.firstByteMs),
    0.99,
  )
  measured.accepted = crowd.length - refused.length
  measured.refusalMs = quantile(
    refused.map((answer) => answer.firstByteMs),
    0.99,
  )
  return measured
}

function mustAllFinish(answers: readonly Answer[]): void {
  const failed = answers.filter(
    (answer) =>
      answer.status !== 200 || (!answer.text.includes("[DONE]") && !answer.text.includes('"finish_reason"')),
  )
  const [first] = failed
  if (first !== undefined)
    throw new Error(
      `${failed.length} of ${answers.length} answers failed: ${first.status} ${first.text.slice(0, 200)}`,
    )
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly firstByteMs: number
}

interface Asking {
  readonly agent: Agent | undefined
  readonly tokens: number
  readonly stream: boolean
}

function ask(url: string, { agent, tokens, stream }: Asking, signal: AbortSignal): Promise<Answer> {
  const body = JSON.stringify({
    model: "echo",
    messages: [{ role: "user", content: "word ".repeat(tokens) }],
    max_tokens: tokens,
    stream,
  })
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      signal,
      ...(agent === undefined ? {} : { agent }),
    })
    asked.on("error", reject)
    asked.on("response", (response) => {
      const firstByteMs = performance.now() - startedAt
      let text = ""
      response.setEncoding("latin1").on("data", (chunk: string) => {
        text += chunk
      })
      response.on("error", reject)
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, firstByteMs }))
    })
    asked.end(body)
  })
}

/** Connections that are all open before the first of them asks: what is timed is the answer, not the making of 500 sockets. */
async function askAtOnce(url: string, count: number, signal: AbortSignal): Promise<readonly Answer[]> {
  const { hostname, port } = new URL(url)
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect({ host: hostname, port: Number(port), signal })
      await once(socket, "connect")
      return socket.setEncoding("latin1")
    }),
  )
  const body = JSON.stringify({
    model: "echo",
    messages: [{ role: "user", content: "word ".repeat(200) }],
    max_tokens: 200,
    stream: true,
  })
  const bytes = `POST /v1/chat/completions HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
  return await Promise.all(
    sockets.map(async (socket) => {
      const startedAt = performance.now()
      let firstByteMs = Number.NaN
      let text = ""
      socket.on("data", (chunk: string) => {
        if (text === "") firstByteMs = performance.now() - startedAt
        text += chunk
      })
      socket.write(bytes)
      await once(socket, "close")
      return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text, firstByteMs }
    }),
  )
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  if (value === undefined) throw new Error("nothing was measured")
  return value
}
