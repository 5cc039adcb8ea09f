// llama.cpp's own routes name no model, because its server has one. Here it may be named; otherwise it is the one used last.
import type { Exchange } from "../../route.ts"
import { refuse } from "../refuse.ts"

/** Throws `bad-request` when there is none, and what `useModel` throws. */
export async function modelOrLast(exchange: Exchange, named: string | null | undefined): Promise<string> {
  const model = named ?? (await exchange.app.lastModel())
  if (model === undefined)
    throw refuse("model", "is missing, and none was used before", "GET /v1/models lists what there is.")
  return model
}
