// Where a program is, as a shell would find it.
import { access, constants, stat } from "node:fs/promises"
import { delimiter, join } from "node:path"
import type { Environment } from "@fireside/host"

/** The first file of that name in the folders of PATH that may be run; undefined when there is none. */
export async function findProgram(
  name: string,
  environment: Environment,
  platform: NodeJS.Platform,
): Promise<string | undefined> {
  const isWindows = platform === "win32"
  const folders = (environment.PATH ?? environment.Path ?? "").split(delimiter).filter((it) => it !== "")
  // Scripts (.cmd) are left out: without a shell they cannot be started.
  const endings = isWindows ? [".exe", ".com"] : [""]
  for (const folder of folders)
    for (const ending of endings) {
      const path = join(folder, `${name}${ending}`)
      if (await isRunnable(path)) return path
    }
  return undefined
}

async function isRunnable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
