// What a native body says of how its request is run, as the app takes it.
import type { RunOptions } from "@fireside/app"
import { AppError, defined, type Wish } from "@fireside/protocol"
import { type Caller, mayUse } from "../../caller.ts"

interface RunFields {
  readonly keepAliveMs?: number | undefined
  readonly wish?: Wish | undefined
  readonly id?: string | undefined
  readonly tellInsertedSystem?: boolean | undefined
  readonly temporary?: string | undefined
}

/** Throws `forbidden` when a caller who may not load models says how one is to be loaded: a forced load can take all memory. */
export function readRunOptions(caller: Caller, fields: RunFields): RunOptions {
  const { keepAliveMs, wish, id, tellInsertedSystem, temporary } = fields
  if (wish !== undefined && !mayUse(caller, "models"))
    throw new AppError("forbidden", {
      message: "This key may not say how a model is loaded.",
      hint: "Leave out `wish`, or use a key with the scope `models`.",
    })
  return {
    owner: caller.owner,
    ...defined({ keepAliveMs, id, tellInsertedSystem, temporary }),
    ...(wish === undefined ? {} : { wish: defined(wish) }),
  }
}
