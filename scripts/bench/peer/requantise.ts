// The model in another weight type, made by the peer's own tool and kept beside the peer: for speed only, its answers are damaged.
import { existsSync, renameSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { runTool } from "../run-tool.ts"
import type { PeerBinaries } from "./peer-binaries.ts"

export interface RequantiseOptions {
  readonly peer: Pick<PeerBinaries, "quantize">
  readonly modelPath: string
  readonly type: "Q4_0"
  readonly note: (text: string) => void
}

/** Path of the file; makes it when it is missing. */
export async function requantise(
  { peer, modelPath, type, note }: RequantiseOptions,
  signal: AbortSignal,
): Promise<string> {
  const folder = dirname(dirname(dirname(peer.quantize)))
  const target = join(folder, `${basename(modelPath, ".gguf")}-${type.toLowerCase()}.gguf`)
  if (existsSync(target)) return target
  note(`requantising the model to ${type}`)
  const unfinished = `${target}.part`
  await runTool(peer.quantize, ["--allow-requantize", modelPath, unfinished, type], {}, signal)
  renameSync(unfinished, target)
  return target
}
