// `POST /api/pull`
import { z } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { readBody } from "./answer-fields.ts"
import { MODEL_FIELDS, modelOf, refusePath } from "./model-field.ts"
import { replyWithJob } from "./reply-with-job.ts"

const PullBody = z.object({
  ...MODEL_FIELDS,
  /** Defaults to true. */
  stream: z.boolean().optional(),
  /** Accepted and without effect: connections are always checked. */
  insecure: z.boolean().optional(),
  /** Ours: yes to a licence that is not a permissive open-source one. */
  accept_licence: z.boolean().optional(),
})

async function pull(exchange: Exchange): Promise<Reply> {
  const { value, ignored } = readBody(PullBody, exchange.body)
  const reference = modelOf(value)
  refusePath(reference, "model")
  const digests = new Map<string, string>()
  return replyWithJob(exchange, {
    request: {
      type: "pull",
      pull: {
        reference,
        ...(value.accept_licence === true ? { acceptLicence: true } : {}),
        onOffer({ files }) {
          for (const { name, sha256 } of files)
            if (sha256 !== undefined) digests.set(name, `sha256:${sha256.replace(/^sha256[:-]/, "")}`)
        },
      },
    },
    stream: value.stream ?? true,
    ignored,
    first: "pulling manifest",
    digestOf: (file) => digests.get(file),
  })
}

export const pullRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/api/pull",
    dialect: "ollama",
    access: "models",
    summary:
      "Gets a model; lines tell how far it is. Ends when its client leaves, and goes on from there the next time.",
    body: { type: "json", schema: PullBody },
    handle: pull,
  },
]
