// Texts that are used again and again, each its caller's own.
import { defined, NATIVE_PATH, NewPrompt, PromptChange, StoredPrompt, z } from "@fireside/protocol"
import type { Route } from "../../route.ts"
import { readFields } from "../read-fields.ts"

const ALL = `${NATIVE_PATH}/prompts`
const ONE = `${ALL}/:id`
const prompts = { dialect: "native", access: "chat" } as const

export const promptRoutes: readonly Route[] = [
  {
    ...prompts,
    method: "GET",
    path: ALL,
    summary: "List kept prompts, by name.",
    response: z.array(StoredPrompt),
    async handle({ app, caller }) {
      return { type: "json", body: await app.prompts.list(caller.owner) }
    },
  },
  {
    ...prompts,
    method: "POST",
    path: ALL,
    summary: "Keep a prompt under a name.",
    body: { type: "json", schema: NewPrompt },
    response: StoredPrompt,
    async handle({ app, caller, body }) {
      const created = await app.prompts.create(readFields(NewPrompt, body).value, caller.owner)
      return { type: "json", status: 201, body: created }
    },
  },
  {
    ...prompts,
    method: "PATCH",
    path: ONE,
    summary: "Change the name or the text of a prompt.",
    body: { type: "json", schema: PromptChange },
    response: StoredPrompt,
    async handle({ app, caller, params, body }) {
      const change = defined(readFields(PromptChange, body).value)
      return { type: "json", body: await app.prompts.change(params.id ?? "", change, caller.owner) }
    },
  },
  {
    ...prompts,
    method: "DELETE",
    path: ONE,
    summary: "Remove a prompt for good.",
    async handle({ app, caller, params }) {
      await app.prompts.remove(params.id ?? "", caller.owner)
      return { type: "empty", status: 204 }
    },
  },
]
