// The C headers of the very build that the prebuilt libraries were made from: npm's `node-llama-cpp` carries its sources
// as a git bundle.
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const PACKAGE = "node-llama-cpp@3.22.1"
const BUNDLE = "package/llama/gitRelease.bundle"
const HEADERS = {
  "llama.h": "include/llama.h",
  "ggml.h": "ggml/include/ggml.h",
  "ggml-backend.h": "ggml/include/ggml-backend.h",
  "ggml-cpu.h": "ggml/include/ggml-cpu.h",
} as const

export type LlamaHeaders = Readonly<Record<keyof typeof HEADERS, string>>

/** Texts of the headers. Fetched once through the user's npm, then kept in `cache`. Throws when they cannot be had. */
export function obtainLlamaHeaders(cache: string): LlamaHeaders {
  const folder = join(cache, `llama-headers-${PACKAGE.split("@")[1]}`)
  if (!existsSync(folder)) fetchInto(folder, cache)
  const read = (name: keyof typeof HEADERS) => readFileSync(join(folder, name), "utf8")
  return {
    "llama.h": read("llama.h"),
    "ggml.h": read("ggml.h"),
    "ggml-backend.h": read("ggml-backend.h"),
    "ggml-cpu.h": read("ggml-cpu.h"),
  }
}

/** Where tests keep what they fetched; outside the repository. */
export function cacheFolder(): string {
  return process.env.FIRESIDE_TEST_CACHE ?? join(tmpdir(), "fireside-test-cache")
}

function fetchInto(folder: string, cache: string): void {
  mkdirSync(cache, { recursive: true })
  const work = mkdtempSync(join(cache, "llama-headers-part-"))
  const run = (program: string, ...args: readonly string[]) => {
    try {
      return execFileSync(program, args, { cwd: work, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
    } catch (cause) {
      throw new Error(`The headers of ${PACKAGE} cannot be had: \`${program} ${args.join(" ")}\` failed.`, {
        cause,
      })
    }
  }
  try {
    const archive = run("npm", "pack", PACKAGE, "--silent").trim().split("\n").at(-1)
    run("tar", "-xzf", archive ?? "", BUNDLE)
    run("git", "clone", "--quiet", "--bare", BUNDLE, "llama.git")
    const ready = join(work, "ready")
    mkdirSync(ready)
    for (const [name, path] of Object.entries(HEADERS))
      writeFileSync(join(ready, name), run("git", "--git-dir", "llama.git", "show", `HEAD:${path}`))
    renameSync(ready, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
