// Makes folders that nobody else may look into.
import { mkdirSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { systemCode } from "./write-error.ts"

export const FOLDER_MODE = 0o700

/**
 * With its parents, rights 0700; what is there already stays as it is, be it a folder or not. Node's own recursive `mkdir` never ends where
 * a folder refuses children as if it were not there, as below /proc.
 */
export async function makeFolder(folder: string): Promise<void> {
  const make = (): Promise<void> => mkdir(folder, { mode: FOLDER_MODE })
  try {
    await make().catch(async (error: unknown) => {
      if (systemCode(error) !== "ENOENT" || dirname(folder) === folder) throw error
      await makeFolder(dirname(folder))
      await make()
    })
  } catch (error) {
    // Whether what is there is a folder, the caller looks.
    if (systemCode(error) !== "EEXIST") throw error
  }
}

/** The same at once, for the log, which writes its lines so. */
export function makeFolderNow(folder: string): void {
  const make = (): void => mkdirSync(folder, { mode: FOLDER_MODE })
  try {
    try {
      make()
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || dirname(folder) === folder) throw error
      makeFolderNow(dirname(folder))
      make()
    }
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error
  }
}
