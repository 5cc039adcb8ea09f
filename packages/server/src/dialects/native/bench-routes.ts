// Measuring a model on the server's machine, and what was measured before. For the owner: it unloads the model and takes the whole machine.
import {
  type BenchEvent,
  BenchQuery,
  BenchReport,
  BenchRequest,
  defined,
  HTTP_LIMITS,
  NATIVE_PATH,
  z,
} from "@fireside/protocol"
import type { Route } from "../../route.ts"
import { ignoredHeader, readFields } from "../read-fields.ts"
import { eventReply } from "./event-reply.ts"

const owned = { dialect: "native", access: "admin", path: `${NATIVE_PATH}/bench` } as const

export const benchRoutes: readonly Route[] = [
  {
    ...owned,
    method: "POST",
    summary: "Measure a model, as a stream of progress and the report.",
    body: { type: "json", schema: BenchRequest, limitBytes: HTTP_LIMITS.smallBodyBytes },
    async handle(exchange) {
      const { app, body } = exchange
      const { value, ignored } = readFields(BenchRequest, body)
      const reply = await eventReply<BenchEvent>(
        (_onWait, stop) => app.bench.run(defined(value), stop),
        exchange,
      )
      return { ...reply, headers: ignoredHeader(ignored) }
    },
  },
  {
    ...owned,
    method: "GET",
    summary: "What was measured, newest first.",
    query: BenchQuery,
    response: z.array(BenchReport),
    async handle({ app, query }) {
      const { model } = readFields(BenchQuery, query).value
      return { type: "json", body: await app.bench.history(model) }
    },
  },
]
