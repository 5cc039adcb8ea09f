// Finds the folder with the prebuilt libraries for this platform. Loads nothing.
import { existsSync, readdirSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { AppError } from "@fireside/protocol"

/** glibc of the machine that the Linux binaries were made on. */
const MINIMAL_GLIBC = [2, 34] as const
const PACKAGE_SCOPE = "@node-llama-cpp"
const PACKAGE_VERSION = "3.22.1"

/** Builds to look for, best first. Each is a complete set; all libraries must come from one folder. */
const BUILDS: Readonly<Record<string, readonly string[]>> = {
  "linux-x64": ["linux-x64-cuda", "linux-x64-vulkan", "linux-x64"],
  "linux-arm64": ["linux-arm64"],
  "linux-arm": ["linux-armv7l"],
  "darwin-arm64": ["mac-arm64-metal"],
  "darwin-x64": ["mac-x64"],
  "win32-x64": ["win-x64-cuda", "win-x64-vulkan", "win-x64"],
  "win32-arm64": ["win-arm64"],
}

export interface LibraryFolder {
  readonly folder: string
  /** `linux-x64`, `linux-x64-vulkan`, …; `own build` for a folder that was given. */
  readonly build: string
}

export interface LocateOptions {
  /** Absolute path of an own build of the same version. Undefined: the platform's package. */
  readonly folder?: string
  readonly platform?: string
  readonly arch?: string
  /** Gives the file that a package name resolves to, or throws. */
  readonly resolve?: (name: string) => string
}

/** Throws `engine-missing` with what to install. */
export function locateLibraries(options: LocateOptions = {}): LibraryFolder {
  const {
    folder,
    platform = process.platform,
    arch = process.arch,
    resolve = createRequire(import.meta.url).resolve,
  } = options
  if (folder !== undefined) {
    if (holdsLibraries(folder)) return { folder, build: "own build" }
    throw missing(
      `The folder ${folder} has no llama library.`,
      "Point FIRESIDE_LLAMA_DIR at the folder with libllama and libggml of llama.cpp v0.5.0, or unset it.",
    )
  }
  const builds = BUILDS[`${platform}-${arch}`]
  if (builds === undefined)
    throw missing(
      `There is no prebuilt llama library for ${platform} on ${arch}.`,
      "Build llama.cpp v0.5.0 and point FIRESIDE_LLAMA_DIR at its folder.",
    )
  for (const build of builds) {
    const found = folderOfPackage(build, resolve)
    if (found !== null) return { folder: found, build }
  }
  const name = `${PACKAGE_SCOPE}/${builds.at(-1)}`
  throw missing(
    `The package ${name}, which has the llama library for this platform, is not installed.`,
    `Install it: npm install ${name}@${PACKAGE_VERSION}`,
  )
}

/** The library `stem` (`llama`, `ggml`, `ggml-base`) in a folder, whatever its version suffix. */
export function libraryFile(folder: string, stem: string): string {
  const pattern = new RegExp(`^(lib)?${stem}(\\.v[\\d.]+)?\\.(so|dylib|dll)(\\.[\\d.]+)?$`)
  const name = readdirSync(folder).find((entry) => pattern.test(entry))
  if (name === undefined)
    throw missing(
      `The folder ${folder} has no library ${stem}.`,
      `Install it again: npm install ${PACKAGE_SCOPE}/${process.platform}-${process.arch}@${PACKAGE_VERSION}`,
    )
  return join(folder, name)
}

/** What to say when the library of a Linux package does not load: `undefined` for a system with another C library. */
export function glibcProblem(version: string | undefined): AppError | null {
  const [major = 0, minor = 0] = (version ?? "0.0").split(".").map(Number)
  if (major > MINIMAL_GLIBC[0] || (major === MINIMAL_GLIBC[0] && minor >= MINIMAL_GLIBC[1])) return null
  return missing(
    version === undefined
      ? "The prebuilt llama library needs glibc; this system has another C library."
      : `The prebuilt llama library needs glibc ${MINIMAL_GLIBC.join(".")}; this system has ${version}.`,
    "Use a newer distribution, or build llama.cpp v0.5.0 here and point FIRESIDE_LLAMA_DIR at it.",
  )
}

/** Version of this system's glibc. Slow (some ms), so it is asked only when loading has failed. */
export function readGlibcVersion(): string | undefined {
  // `excludeNetwork` (a report looks up host names otherwise) is missing in the type; `header` is an untyped object, and a
  // missing field in it means another C library.
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean }
  report.excludeNetwork = true
  const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return header?.glibcVersionRuntime
}

function folderOfPackage(build: string, resolve: (name: string) => string): string | null {
  let entry: string
  try {
    entry = resolve(`${PACKAGE_SCOPE}/${build}`)
  } catch {
    return null // npm leaves out optional packages of other platforms
  }
  const folder = join(dirname(dirname(entry)), "bins", build)
  return holdsLibraries(folder) ? folder : null
}

function holdsLibraries(folder: string): boolean {
  if (!existsSync(folder)) return false
  return readdirSync(folder).some((name) => /^(lib)?llama(\.v[\d.]+)?\.(so|dylib|dll)/.test(name))
}

function missing(message: string, hint: string): AppError {
  return new AppError("engine-missing", { message, hint })
}
