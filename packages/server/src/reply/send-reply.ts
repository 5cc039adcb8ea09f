// What a route answered, onto the wire.
import { Readable } from "node:stream"
import type { Clock } from "@fireside/host"
import type { FastifyReply } from "fastify"
import type { Reply, ReplyHeaders } from "../route.ts"
import { writeStream } from "./write-stream.ts"

export interface SendOptions {
  readonly headers: ReplyHeaders
  readonly clock: Clock
  /** The reader is given up. */
  readonly leave: () => void
}

const STREAM_TYPES = { sse: "text/event-stream; charset=utf-8", ndjson: "application/x-ndjson" } as const

export async function sendReply(
  reply: FastifyReply,
  made: Reply,
  options: SendOptions,
): Promise<FastifyReply> {
  const headers = { ...options.headers, ...made.headers }
  switch (made.type) {
    case "json":
      return reply
        .code(made.status ?? 200)
        .headers({ ...headers, "content-type": "application/json; charset=utf-8" })
        .send(JSON.stringify(made.body))
    case "text":
    case "bytes":
      return reply
        .code(made.status ?? 200)
        .headers({ ...headers, "content-type": made.contentType })
        .send(made.type === "bytes" ? Buffer.from(made.body) : made.body)
    case "empty":
      return reply
        .code(made.status ?? 204)
        .headers(headers)
        .send()
    case "file":
      return reply
        .code(200)
        .headers({
          ...headers,
          "content-type": made.contentType,
          "content-disposition": `attachment; filename="${made.name}"`,
        })
        .send(Readable.from(made.pieces))
    case "stream": {
      // The socket is ours from here: frames are written as they come, with the reader's pace.
      reply.hijack()
      const stream = {
        frames: made.frames,
        headers: { ...headers, "content-type": STREAM_TYPES[made.format], "x-accel-buffering": "no" },
        heartbeat: made.heartbeat,
      }
      await writeStream(reply.raw, stream, options)
      return reply
    }
    default:
      return made satisfies never
  }
}
