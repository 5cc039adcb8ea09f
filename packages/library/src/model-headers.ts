// Headers of model files that were read and validated, kept while the files stay as they are: a server asks for the same model with every
// request, and reading a vocabulary takes tens of milliseconds.
import { lstat, stat } from "node:fs/promises"
import type { ValidatedHeader } from "@fireside/gguf"
import { factsOf, type ModelFacts, type ReadModelOptions, readModelFile } from "./model-file.ts"

/** Both throw what `readModelFile` throws. */
export interface ModelHeaders {
  /** The newest `HEADERS` are kept: one takes 5 MB with a vocabulary of 50,000 words. */
  header(path: string, options: ReadModelOptions): Promise<ValidatedHeader>
  /** What a listing needs of it; kept for many files. */
  facts(path: string, options: ReadModelOptions): Promise<ModelFacts>
}

const HEADERS = 3
const FACTS = 1_000

export function createModelHeaders(read: typeof readModelFile = readModelFile): ModelHeaders {
  const headers = new Map<string, ValidatedHeader>()
  const facts = new Map<string, ModelFacts>()

  async function header(path: string, options: ReadModelOptions): Promise<ValidatedHeader> {
    const key = await identityOf(path, options)
    const known = key === undefined ? undefined : headers.get(key)
    const found = known ?? (await read(path, options))
    if (key !== undefined) keep(headers, { key, value: found, most: HEADERS })
    return found
  }

  return {
    header,
    async facts(path, options) {
      const key = await identityOf(path, options)
      const known = key === undefined ? undefined : facts.get(key)
      const found = known ?? factsOf([await read(path, options)])
      if (key !== undefined) keep(facts, { key, value: found, most: FACTS })
      return found
    },
  }
}

/** The file as it is now. Undefined for what is no plain file: reading it says what it is. */
async function identityOf(
  path: string,
  { role, followLinks = false }: ReadModelOptions,
): Promise<string | undefined> {
  const found = await (followLinks ? stat : lstat)(path, { bigint: true }).catch(() => undefined)
  if (found === undefined || !found.isFile()) return undefined
  const { dev, ino, size, mtimeNs, ctimeNs } = found
  return [path, role, dev, ino, size, mtimeNs, ctimeNs].join(" ")
}

/** The one used longest ago goes. */
function keep<Value>(
  map: Map<string, Value>,
  { key, value, most }: { key: string; value: Value; most: number },
): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
}
