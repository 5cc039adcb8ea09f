// A persona is a model of its own name with a system text and a way of answering; it shares the files of the model it was made of.
import { type ModelDetails, NAME_LIMITS, type NewJob, SAMPLING_DEFAULTS } from "@fireside/protocol"

export interface Persona {
  readonly name: string
  readonly system: string
  readonly temperature: number
  readonly topP: number
}

export function personaOf({ name, system, sampling }: ModelDetails): Persona {
  return {
    name: `${name.replace(/^.*[:/](?=[^:/]+[:/])/, "").replace(/[^a-z0-9._-]+/gi, "-")}-persona`,
    system,
    temperature: sampling.temperature ?? SAMPLING_DEFAULTS.temperature,
    topP: sampling.topP ?? SAMPLING_DEFAULTS.topP,
  }
}

export type PersonaProblem = "empty" | "letters" | "long" | "taken"

const PART = /^[a-z0-9][a-z0-9._-]*$/i

/** What is wrong with the name; the server has the last word. */
export function checkPersonaName(
  name: string,
  models: readonly { readonly name: string }[],
): PersonaProblem | undefined {
  const parts = name.split(":")
  if (name === "") return "empty"
  if (parts.length > 2 || !parts.every((part) => PART.test(part))) return "letters"
  if (parts.some((part) => part.length > NAME_LIMITS.partLength)) return "long"
  const whole = parts.length === 1 ? [name, `${name}:latest`] : [name]
  const isTaken = models.some((model) => whole.some((it) => it.toLowerCase() === model.name.toLowerCase()))
  return isTaken ? "taken" : undefined
}

/** Parameters of the model that the form does not show are kept. */
export function personaJob({ name, sampling }: ModelDetails, persona: Persona): NewJob {
  return {
    type: "create",
    create: {
      name: persona.name,
      from: name,
      system: persona.system,
      sampling: { ...sampling, temperature: persona.temperature, topP: persona.topP },
    },
  }
}
