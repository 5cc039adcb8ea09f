// For whom and for how long the app works.
import type { RunOptions } from "@fireside/app"
import type { Exchange } from "../../route.ts"
import { present } from "../present.ts"

export function runOptions({ caller }: Exchange, keepAliveMs: number | undefined): RunOptions {
  return { owner: caller.owner, ...present({ keepAliveMs }) }
}
