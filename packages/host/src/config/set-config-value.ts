// Changes one setting in `config.json`.
import { join } from "node:path"
import { writeDurably } from "../durable-file.ts"
import { acquireLock } from "../file-lock.ts"
import type { Paths } from "../paths.ts"
import { configPathOf, readConfigFile } from "./config-file.ts"
import { definitionOf, parseSetting } from "./parse-setting.ts"

const LOCK_WAIT_MS = 5_000

/**
 * Writes `value` for `key` into the file, durably; the other entries stay. `undefined` removes the entry.
 * Throws `bad-config` for an unknown key, a value that is not accepted, or a setting that a file cannot hold; `cannot-write`.
 */
export async function setConfigValue(
  paths: Pick<Paths, "home" | "run">,
  key: string,
  value: unknown,
): Promise<void> {
  const path = configPathOf(paths.home)
  const source = { type: "file", path } as const
  const { kind } = definitionOf(key, source)
  const entry = value === undefined ? undefined : kind.format(parseSetting(key, value, source))
  await using _lock = await acquireLock(
    { path: join(paths.run, "config.lock"), purpose: "change the settings", waitMs: LOCK_WAIT_MS },
    new AbortController().signal,
  )
  const { [key]: _old, ...others } = readConfigFile(path)
  const next = entry === undefined ? others : { ...others, [key]: entry }
  await writeDurably(path, `${JSON.stringify(next, undefined, 2)}\n`)
}
