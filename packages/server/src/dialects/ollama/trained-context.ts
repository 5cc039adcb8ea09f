// `num_ctx` is often a program's habit and not its user's wish: Ollama lowers what a model was not trained for, and so do we, aloud. A prompt
// that does not fit is an error all the same, so nothing is cut by it.
import { AppError } from "@fireside/protocol"
import type { Exchange } from "../../route.ts"

export interface FittedContext {
  /** Undefined: the model's own. */
  readonly contextLength: number | undefined
  readonly notices: readonly string[]
}

/** Looks at the model only when the request names a length. */
export async function fitContext(
  { app }: Exchange,
  model: string,
  wished: number | undefined,
): Promise<FittedContext> {
  if (wished === undefined) return { contextLength: undefined, notices: [] }
  const trained = await trainedLength(app, model)
  if (trained <= 0 || wished <= trained) return { contextLength: wished, notices: [] }
  return {
    contextLength: trained,
    notices: [`num_ctx ${wished} is more than the model was trained for; its context has ${trained} tokens.`],
  }
}

/** 0 for a model without a file. */
async function trainedLength(app: Exchange["app"], model: string): Promise<number> {
  try {
    return (await app.models.show(model)).contextLength
  } catch (error) {
    if (error instanceof AppError && error.code === "unsupported") return 0
    throw error
  }
}
