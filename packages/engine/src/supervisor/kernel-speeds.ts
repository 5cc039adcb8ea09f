// How fast this machine computes with each type of weights: one or two seconds of work in a process of its own.
import { randomUUID } from "node:crypto"
import { rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { KernelSpeeds } from "@fireside/fit"
import { type EngineProcess, interrupted } from "./engine-process.ts"
import { SPEED_MODEL_WEIGHTS, SPEED_TYPES, speedModel } from "./speed-model.ts"

/** Rows of a prompt step: enough that the kernels for many rows are used, few enough for a slow machine. */
const ROWS = 128

/** Ends the process. Throws `interrupted`, `engine-missing`, `engine-crashed`. */
export async function measureKernels(process: EngineProcess, signal: AbortSignal): Promise<KernelSpeeds> {
  const path = join(tmpdir(), `fireside-speed-${randomUUID()}.gguf`)
  try {
    const { version: libraryVersion } = await process.ready
    const types: Record<string, KernelSpeeds["types"][string]> = {}
    for (const type of SPEED_TYPES) {
      signal.throwIfAborted()
      await writeFile(path, await speedModel(type), { mode: 0o600 })
      const { prefillRowsPerSecond, decodeRowsPerSecond } = await process.ask(
        { type: "kernel-speed", options: { path, rows: ROWS } },
        signal,
      )
      types[type] = {
        prefillWeightsPerSecond: prefillRowsPerSecond * SPEED_MODEL_WEIGHTS,
        decodeWeightsPerSecond: decodeRowsPerSecond * SPEED_MODEL_WEIGHTS,
      }
    }
    return { libraryVersion, types }
  } catch (error) {
    throw signal.aborted ? interrupted() : error
  } finally {
    process.close("the kernels were measured")
    await rm(path, { force: true })
  }
}
