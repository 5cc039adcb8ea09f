// The model registry over host's process registry. A stop is asked for by a file beside the entry, which its owner watches for:
// a signal would look like a crash of the engine to its owner.
import { type FSWatcher, watch } from "node:fs"
import { unlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Log, Paths, ProcessEntry, ProcessRegistry } from "@fireside/host"
import { makeFolder } from "@fireside/host"
import { RunningModel } from "@fireside/protocol"
import type { ModelRegistry, RegisteredModel, Registration } from "./model-registry.ts"

export interface ProcessModelsOptions {
  readonly processes: ProcessRegistry
  readonly paths: Pick<Paths, "run">
  readonly log: Log
}

const WHAT = "model"
const POLL_MS = 50

export function createProcessModels({ processes, paths, log }: ProcessModelsOptions): ModelRegistry {
  const stopFile = (key: string): string => join(paths.run, `stop-${key}`)
  const list = async (): Promise<readonly RegisteredModel[]> =>
    (await processes.list()).filter((entry) => entry.what === WHAT).flatMap(toModel)

  return {
    async register(model, onStop) {
      await makeFolder(paths.run)
      const { name, ...details } = model
      const entry = await processes.register({ what: WHAT, name, details })
      const watcher = watchFor(paths.run, `stop-${entry.id}`, () => onStop())
      watcher.on("error", (error) => log.warn("requests to unload are not heard", { error }))
      let current = details
      return {
        key: entry.id,
        async update(change) {
          current = { ...current, ...change }
          await entry.update(current)
        },
        async [Symbol.asyncDispose]() {
          watcher.close()
          await entry[Symbol.asyncDispose]()
          await unlink(stopFile(entry.id)).catch(() => {})
        },
      } satisfies Registration
    },
    list,
    async requestStop(entry, signal) {
      const isThere = async (): Promise<boolean> => (await list()).some((it) => it.key === entry.key)
      await writeFile(stopFile(entry.key), "", { mode: 0o600 })
      while (await isThere()) {
        if (signal.aborted) {
          await unlink(stopFile(entry.key)).catch(() => {})
          signal.throwIfAborted()
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
      await unlink(stopFile(entry.key)).catch(() => {})
    },
  }
}

function watchFor(folder: string, name: string, onSeen: () => void): FSWatcher {
  const watcher = watch(folder, { persistent: false }, (_, changed) => {
    if (changed === name) onSeen()
  })
  return watcher
}

/** Memory is measured when somebody asks. */
const Listed = RunningModel.omit({ memoryBytes: true })

/** Nothing for an entry that another version wrote in another way. */
function toModel({ id, pid, name, details }: ProcessEntry): readonly RegisteredModel[] {
  const { path } = details
  const parsed = Listed.safeParse({ ...details, name })
  if (!parsed.success || typeof path !== "string") return []
  return [{ ...parsed.data, key: id, ownerPid: pid, path, isDown: details.isDown === true }]
}
