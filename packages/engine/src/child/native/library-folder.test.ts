import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AppError } from "@fireside/protocol"
import { expect, onTestFinished, test } from "vitest"
import { glibcProblem, libraryFile, locateLibraries, readGlibcVersion } from "./library-folder.ts"

function folderWith(...files: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "fireside-libraries-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const file of files) writeFileSync(join(folder, file), "")
  return folder
}

function packageOf(build: string): (name: string) => string {
  const root = folderWith()
  mkdirSync(join(root, "bins", build), { recursive: true })
  mkdirSync(join(root, "dist"))
  writeFileSync(join(root, "bins", build, "libllama.v0.5.0.so"), "")
  return (name) => {
    if (name !== `@node-llama-cpp/${build}`) throw new Error("not found")
    return join(root, "dist", "index.js")
  }
}

function refusal(work: () => unknown): AppError {
  try {
    work()
  } catch (error) {
    if (error instanceof AppError) return error
  }
  throw new Error("nothing was refused")
}

test("the package of the platform is found", () => {
  const found = locateLibraries({ platform: "linux", arch: "x64", resolve: packageOf("linux-x64") })
  expect(found.build).toBe("linux-x64")
  expect(libraryFile(found.folder, "llama")).toBe(join(found.folder, "libllama.v0.5.0.so"))
})

test("a build for a GPU comes before the one for processors", () => {
  const both = (name: string) =>
    name.endsWith("vulkan") ? packageOf("linux-x64-vulkan")(name) : packageOf("linux-x64")(name)
  expect(locateLibraries({ platform: "linux", arch: "x64", resolve: both }).build).toBe("linux-x64-vulkan")
})

test("a missing package is named, with the command that installs it", () => {
  const error = refusal(() =>
    locateLibraries({
      platform: "linux",
      arch: "arm64",
      resolve: () => {
        throw new Error("not found")
      },
    }),
  )
  expect(error.code).toBe("engine-missing")
  expect(error.hint).toBe("Install it: npm install @node-llama-cpp/linux-arm64@3.22.1")
})

test("an unsupported platform, and a folder without libraries", () => {
  expect(refusal(() => locateLibraries({ platform: "sunos", arch: "x64" })).message).toContain("sunos on x64")
  expect(refusal(() => locateLibraries({ folder: folderWith("readme.txt") })).hint).toContain(
    "FIRESIDE_LLAMA_DIR",
  )
  expect(refusal(() => locateLibraries({ folder: join(tmpdir(), "not-there") })).code).toBe("engine-missing")
})

test("libraries are found whatever their suffix, and not mistaken for one another", () => {
  const folder = folderWith(
    "libggml-base.so",
    "libggml.so.0.9.4",
    "libllama.dylib",
    "libllama-common.so",
    "ggml-cpu-x64.so",
  )
  expect(libraryFile(folder, "ggml-base")).toBe(join(folder, "libggml-base.so"))
  expect(libraryFile(folder, "ggml")).toBe(join(folder, "libggml.so.0.9.4"))
  expect(libraryFile(folder, "llama")).toBe(join(folder, "libllama.dylib"))
})

test.each([
  [undefined, "another C library"],
  ["2.31", "this system has 2.31"],
])("glibc %s is refused", (version, words) => {
  expect(glibcProblem(version)?.message).toContain(words)
})

test.each(["2.34", "2.41", "3.0"])("glibc %s is enough", (version) => {
  expect(glibcProblem(version)).toBeNull()
})

test.runIf(process.platform === "linux")("the version of this system's glibc has numbers", () => {
  expect(readGlibcVersion() ?? "0.0").toMatch(/^\d+\.\d+$/)
})
