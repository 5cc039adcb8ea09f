// Which model the owner used last: one name in `run/last-model`, for `fireside` without arguments.
import { readFile, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { makeFolder } from "@fireside/host"
import { NAME_LIMITS } from "@fireside/protocol"
import type { Parts } from "./parts.ts"

export interface LastModel {
  remember(reference: string): Promise<void>
  read(): Promise<string | undefined>
}

export function createLastModel(parts: Pick<Parts, "paths" | "log">): LastModel {
  const file = join(parts.paths.run, "last-model")
  let written: string | undefined
  return {
    async remember(reference) {
      if (written === reference) return
      written = reference
      try {
        await makeFolder(parts.paths.run)
        await writeFile(`${file}.new`, `${reference}\n`, { mode: 0o600 })
        await rename(`${file}.new`, file)
      } catch (reason) {
        // A convenience of the next start; a read-only data folder still answers.
        parts.log.warn("the last model was not remembered", { reason: String(reason) })
      }
    },
    async read() {
      try {
        const name = (await readFile(file, "utf8")).trim()
        return name === "" || name.length > NAME_LIMITS.referenceLength ? undefined : name
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
        throw error
      }
    },
  }
}
