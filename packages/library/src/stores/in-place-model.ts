// A model that lies in another program's store and is read there: never copied, never changed.
import { realpath, stat } from "node:fs/promises"
import { relative, sep } from "node:path"
import { systemCode } from "@fireside/host"
import type { SettingFile } from "../model-settings.ts"

export interface InPlaceModel {
  /** As `list` shows it, and as it can be named. */
  readonly name: string
  /** Other texts that name it. */
  readonly aliases: readonly string[]
  readonly path: string
  /** 64 hex digits; undefined when the store does not say. */
  readonly sha256: string | undefined
  readonly sizeBytes: number
  readonly modifiedAt: Date
  readonly settings: readonly SettingFile[]
  /** What the quantisation is judged by when a name leaves it open. */
  readonly stem: string
}

export interface InPlaceStore {
  readonly folder: string
  list(folder: string): Promise<readonly InPlaceModel[]>
}

export interface RealFile {
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedAt: Date
}

/** The regular file behind a path of a store, if it lies inside the store: a link that leads out is not followed. */
export async function fileInside(folder: string, path: string): Promise<RealFile | undefined> {
  try {
    const [root, real] = await Promise.all([realpath(folder), realpath(path)])
    const way = relative(root, real)
    if (way === "" || way === ".." || way.startsWith(`..${sep}`)) return undefined
    const facts = await stat(real)
    return facts.isFile() && facts.size > 0
      ? { path: real, sizeBytes: facts.size, modifiedAt: facts.mtime }
      : undefined
  } catch (error) {
    // Not ours: what cannot be read is as good as not there.
    if (systemCode(error) !== undefined) return undefined
    throw error
  }
}

/** Text of a store made fit for a name: what names cannot hold becomes a dash. */
export function namePart(text: string): string {
  const part = text
    .replace(/[^A-Za-z0-9_.-]+/g, "-")
    .replace(/\.{2,}/g, ".")
    .replace(/^[.-]+|\.+$/g, "")
  return part.slice(0, 80) || "model"
}
