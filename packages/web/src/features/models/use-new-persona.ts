import { fromErrorBody, type ModelDetails } from "@fireside/protocol"
import type { UseMutationResult } from "@tanstack/react-query"
import { api } from "../../api.ts"
import { type Persona, personaJob } from "./persona.ts"
import { useModelChange } from "./use-models.ts"

export interface NewPersona {
  readonly base: ModelDetails
  readonly persona: Persona
}

/** Resolves with its full name when it is in the library. */
export function useNewPersona(onDone: (name: string) => void): UseMutationResult<string, Error, NewPersona> {
  return useModelChange(async ({ base, persona }: NewPersona) => {
    const { id } = await api.jobs.start(personaJob(base, persona))
    for await (const event of api.jobs.events(id)) {
      if (event.type === "error") throw fromErrorBody(event)
      if (event.type === "finish") return event.name
    }
    throw new Error("the job ended without an end")
  }, onDone)
}
