// Stands before the server and gives out answers at the speed of a real model: the engine without weights writes faster than any.
import { once } from "node:events"
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout } from "node:timers/promises"

export interface Pace {
  /** So much of an answer comes at once. */
  readonly headCharacters: number
  readonly eventsPerSecond: number
}

export interface PacedProxy extends AsyncDisposable {
  readonly url: string
}

export async function startPacedProxy(behind: string, pace: Pace): Promise<PacedProxy> {
  const server = createServer((asked, reply) => void pass({ behind, pace, asked, reply }))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, "close")
    },
  }
}

interface Passage {
  readonly behind: string
  readonly pace: Pace
  readonly asked: IncomingMessage
  readonly reply: ServerResponse
}

async function pass({ behind, pace, asked, reply }: Passage): Promise<void> {
  const onward = request(`${behind}${asked.url}`, { method: asked.method, headers: asked.headers })
  asked.pipe(onward)
  reply.on("close", () => onward.destroy())
  try {
    const [answer] = (await once(onward, "response")) as [IncomingMessage]
    reply.writeHead(answer.statusCode ?? 502, answer.headers)
    reply.flushHeaders()
    if (!/\/chat$/.test(asked.url ?? "")) {
      answer.pipe(reply)
      return
    }
    let characters = 0
    let dueAt = 0
    for await (const event of eventsOf(answer)) {
      characters += charactersOf(event)
      if (characters > pace.headCharacters) {
        const nowMs = performance.now()
        dueAt = Math.max(dueAt + 1_000 / pace.eventsPerSecond, nowMs)
        await setTimeout(dueAt - nowMs)
      }
      reply.write(event)
    }
    reply.end()
  } catch {
    // One of the two went away; so does the other.
    reply.destroy()
  }
}

function charactersOf(event: string): number {
  const { text = "" } = JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? "{}") as { text?: string }
  return text.length
}

async function* eventsOf(answer: IncomingMessage): AsyncGenerator<string> {
  let rest = ""
  for await (const text of answer.setEncoding("utf8")) {
    const parts = `${rest}${text}`.split("\n\n")
    rest = parts.pop() ?? ""
    for (const part of parts) yield `${part}\n\n`
  }
  if (rest !== "") yield rest
}
