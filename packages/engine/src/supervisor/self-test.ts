// Does the native library load here, and does it compute what it should? For `doctor`.
import { randomUUID } from "node:crypto"
import { rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ComputeDevice, type ErrorBody, toErrorBody } from "@fireside/protocol"
import { type EngineProcess, interrupted } from "./engine-process.ts"
import { SELF_TEST_ARGMAX, SELF_TEST_TOKENS, selfTestModel } from "./self-test-model.ts"

export interface SelfTestReport {
  /** The library loads, has the layout that this program expects, and computes what it should. */
  readonly ok: boolean
  readonly version: string
  readonly build: string
  readonly systemInfo: string
  readonly devices: readonly ComputeDevice[]
  readonly notices: readonly string[]
  /** What is wrong, when something is. */
  readonly problem?: ErrorBody
}

const NOTHING_KNOWN = { version: "", build: "", systemInfo: "", devices: [], notices: [] }

/** Ends the process. Throws `interrupted`; every other failure is in the report. */
export async function runSelfTest(process: EngineProcess, signal: AbortSignal): Promise<SelfTestReport> {
  const path = join(tmpdir(), `fireside-self-test-${randomUUID()}.gguf`)
  let known: Omit<SelfTestReport, "ok" | "problem"> = NOTHING_KNOWN
  try {
    const { type: _, ...facts } = await process.ready
    known = facts
    await writeFile(path, await selfTestModel(), { mode: 0o600 })
    const argmax = await process.ask({ type: "self-test", path, tokens: SELF_TEST_TOKENS }, signal)
    if (argmax.join() === SELF_TEST_ARGMAX.join()) return { ok: true, ...known }
    const message = `The native library computes wrong results: ${argmax.join()} in place of ${SELF_TEST_ARGMAX.join()}.`
    const hint = "Install the platform's package of llama.cpp again."
    return { ok: false, ...known, problem: { code: "engine-missing", message, hint } }
  } catch (error) {
    if (signal.aborted) throw interrupted()
    return { ok: false, ...known, problem: toErrorBody(error) }
  } finally {
    process.close("the self-test is over")
    await rm(path, { force: true })
  }
}
