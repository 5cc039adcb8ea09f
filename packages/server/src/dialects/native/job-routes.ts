// Long work that goes on without its reader: pulls, creations and conversions.
import {
  AppError,
  defined,
  Job,
  type JobEvent,
  NATIVE_PATH,
  NewJob,
  ResumedPull,
  z,
} from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { readFields } from "../read-fields.ts"
import { eventReply } from "./event-reply.ts"

const ONE = `${NATIVE_PATH}/jobs/:id`

export const jobRoutes: readonly Route[] = [
  {
    method: "GET",
    path: `${NATIVE_PATH}/jobs`,
    dialect: "native",
    access: "models",
    summary: "List jobs, newest first.",
    response: z.array(Job),
    async handle({ app }) {
      return { type: "json", body: await app.jobs.list() }
    },
  },
  {
    method: "POST",
    path: `${NATIVE_PATH}/jobs`,
    dialect: "native",
    access: "models",
    summary: "Begin a pull, make a model out of another one, or a copy with another type of weights.",
    body: { type: "json", schema: NewJob },
    response: Job,
    handle: startJob,
  },
  {
    method: "GET",
    path: ONE,
    dialect: "native",
    access: "models",
    summary: "One job: what it is and how far it is.",
    response: Job,
    async handle({ app, params }) {
      return { type: "json", body: await app.jobs.get(params.id ?? "") }
    },
  },
  {
    method: "GET",
    path: `${ONE}/events`,
    dialect: "native",
    access: "models",
    summary: "What happened so far, then what happens, to the end.",
    async handle(exchange) {
      const { app, params } = exchange
      // One that there is not is no stream.
      await app.jobs.get(params.id ?? "")
      return eventReply<JobEvent>((_onWait, stop) => app.jobs.events(params.id ?? "", stop), exchange)
    },
  },
  {
    method: "POST",
    path: `${ONE}/cancel`,
    dialect: "native",
    access: "models",
    summary: "Stop a job; what was downloaded is kept.",
    response: Job,
    async handle({ app, params }) {
      return { type: "json", body: await app.jobs.cancel(params.id ?? "") }
    },
  },
  {
    method: "POST",
    path: `${ONE}/resume`,
    dialect: "native",
    access: "models",
    summary: "Go on with a pull that failed or was stopped, as fast as this says.",
    body: { type: "json", schema: ResumedPull, optional: true },
    response: Job,
    async handle({ app, params, body }) {
      const { value } = readFields(ResumedPull, body)
      return { type: "json", body: await app.jobs.resume(params.id ?? "", defined(value)) }
    },
  },
]

async function startJob({ app, body }: Exchange): Promise<Reply> {
  const { type, pull, create, convert } = readFields(NewJob, body).value
  switch (type) {
    case "pull": {
      if (pull === undefined) throw missingPart(type)
      const job = await app.jobs.start({ type, pull: defined(pull) })
      return { type: "json", status: 202, body: job }
    }
    case "create": {
      if (create === undefined) throw missingPart(type)
      const job = await app.jobs.start({ type, create: defined(create) })
      return { type: "json", status: 202, body: job }
    }
    case "convert": {
      if (convert === undefined) throw missingPart(type)
      const job = await app.jobs.start({ type, convert: defined(convert) })
      return { type: "json", status: 202, body: job }
    }
    default:
      return type satisfies never
  }
}

const missingPart = (type: string): AppError =>
  new AppError("bad-request", {
    message: `\`${type}\` is missing: it says what the job works on.`,
    details: { field: type },
  })
