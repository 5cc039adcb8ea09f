// Makes the data folder and its folders, for this user alone.
import { access, chmod, constants, stat } from "node:fs/promises"
import { AppError } from "@fireside/protocol"
import { FOLDER_MODE, makeFolder } from "./make-folder.ts"
import type { Paths } from "./paths.ts"
import { toWriteError } from "./write-error.ts"

export const FILE_MODE = 0o600

/**
 * Makes every folder of the layout with rights 0700 and takes the rights of others away where the data folder has them.
 * Throws `cannot-write` naming the folder and the fix: not a folder, another owner, no right to write, read-only disk.
 */
export async function prepareHome(paths: Paths): Promise<void> {
  for (const folder of foldersOf(paths)) await prepareFolder(folder)
}

function foldersOf(paths: Paths): readonly string[] {
  const { home, blobs, manifests, removed, downloads, adapters, cache, prefixes, run, logs, backups } = paths
  return [home, blobs, manifests, removed, downloads, adapters, cache, prefixes, run, logs, backups]
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder)
    const facts = await stat(folder)
    if (!facts.isDirectory())
      throw new AppError("cannot-write", {
        message: `${folder} is not a folder.`,
        hint: "Move it away, or choose another folder with FIRESIDE_HOME.",
        details: { path: folder },
      })
    if (process.platform !== "win32") await takeRights(folder, facts)
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw toWriteError({ error, path: folder })
  }
}

async function takeRights(
  folder: string,
  facts: { readonly uid: number; readonly mode: number },
): Promise<void> {
  const self = process.getuid?.() ?? facts.uid
  // Root may write everywhere; in a container the volume often belongs to another number.
  if (facts.uid !== self && self !== 0)
    throw new AppError("cannot-write", {
      message: `${folder} belongs to another user (number ${facts.uid}).`,
      hint: `Take it over with: sudo chown -R "$(id -u)" '${folder}', or choose another folder with FIRESIDE_HOME.`,
      details: { path: folder, owner: facts.uid },
    })
  if ((facts.mode & 0o077) !== 0) await chmod(folder, FOLDER_MODE)
}
