// Brings node_modules to the state of the lock file, once: later calls read one stamp and return. Plain JavaScript for
// any Node from 18 up. Done means: stamp written, and the stamp is written last.
import { createHash } from "node:crypto"
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { takeInstallLock } from "./install-lock.mjs"
import { explainFailure, isLackOfPackage, isNetworkFailure, runNpm } from "./npm-client.mjs"
import {
  canRunSource,
  describe,
  enginePackage,
  fitsMachine,
  runtimePackage,
  thisMachine,
  whatIsMissing,
} from "./platform.mjs"
import { createProgress } from "./progress.mjs"
import { SetupError } from "./setup-error.mjs"

const COUNT_INTERVAL_MS = 500
const STEPS = 3

/**
 * @typedef {object} Installed
 * @property {string} node the Node that runs the product
 * @property {boolean} didWork false: everything was there
 */

/**
 * Makes sure that everything is installed. Shows its work on stderr when there is any.
 * Throws `SetupError` with the line for the user.
 * @param {string} root of the repository
 * @returns {Promise<Installed>}
 */
export async function ensureInstalled(root) {
  const key = keyOf(root)
  const node = whenDone(root, key)
  if (node !== undefined) return { node, didWork: false }

  const machine = thisMachine()
  const missing = whatIsMissing(machine)
  if (missing !== undefined) throw new SetupError(missing)
  const progress = createProgress({ steps: STEPS })
  const lock = await takeInstallLock(join(root, ".setup-lock"), (owner) =>
    progress.note(`Another set-up works in this folder (process ${owner}); waiting for it.`),
  )
  try {
    const meanwhile = whenDone(root, key)
    if (meanwhile !== undefined) return { node: meanwhile, didWork: false }
    return { node: await install({ root, key, machine, progress, lock }), didWork: true }
  } finally {
    progress.end()
    lock.release()
  }
}

/**
 * @param {{root: string, key: string, machine: import("./platform.mjs").Machine,
 *   progress: import("./progress.mjs").Progress, lock: import("./install-lock.mjs").InstallLock}} work
 * @returns {Promise<string>} the Node that runs the product
 */
async function install({ root, key, machine, progress, lock }) {
  const onStart = lock.hold
  progress.step(`Set-up on ${describe(machine)}, Node ${machine.nodeVersion}`)
  rmSync(stampPath(root), { force: true })

  progress.step("Installing the packages of package-lock.json")
  await installLocked({ root, machine, progress, onStart })

  progress.step("Checking Node and the engine for this computer")
  const runtime = runtimePackage(machine, readJson(join(root, "package.json")).optionalDependencies)
  const engine = enginePackage(
    machine,
    readJson(join(root, "packages", "engine", "package.json")).optionalDependencies,
  )
  const parts = unique([runtime, engine, ...nativePackages(root, machine)])
  for (const part of parts.filter((part) => !isPresent(root, part))) {
    progress.update(`fetching ${part.name} ${part.version}`)
    const { code, errors } = await runNpm(["install", "--no-save", `${part.name}@${part.version}`], {
      root,
      onStart,
    })
    // npm passes over an optional package that it could not unpack; asked for by name it says why.
    if (code !== 0 && !isLackOfPackage(errors))
      throw new SetupError(explainFailure(`Installing ${part.name} ${part.version}`, errors))
  }

  const missing = parts.filter((part) => !isPresent(root, part))
  const node = missing.some(({ name }) => name === runtime?.name) ? process.execPath : nodeOf(root, runtime)
  if (node === process.execPath && !canRunSource(machine.nodeVersion))
    throw new SetupError(
      `Node 24 for this computer (npm package ${runtime?.name}@${runtime?.version}) cannot be had: install Node 24 or newer yourself (https://nodejs.org); this is ${machine.nodeVersion}.`,
    )
  const needed = missing.find(({ name }) => name !== runtime?.name && name !== engine?.name)
  if (needed !== undefined)
    throw new SetupError(`${needed.name}@${needed.version} is missing: your registry does not have it.`)
  progress.end()
  const here = parts.filter((part) => !missing.includes(part))
  const notes = engineNotes(root, machine, engine)
  writeStamp(root, { key, node, files: here.map((part) => fileOf(root, part)), notes })
  tell(notes)
  progress.note("Set-up is done.")
  return node
}

/**
 * `npm ci`, with a count of the packages that have arrived. Without a network, once more from npm's cache alone.
 * @param {{root: string, machine: import("./platform.mjs").Machine,
 *   progress: import("./progress.mjs").Progress, onStart: (pid: number) => void}} work
 */
async function installLocked({ root, machine, progress, onStart }) {
  const expected = expectedPackages(root, machine)
  const counting = setInterval(() => {
    const arrived = expected.filter((path) => existsSync(join(root, path, "package.json"))).length
    progress.update(`${arrived} of at most ${expected.length} packages`)
  }, COUNT_INTERVAL_MS)
  try {
    const how = cleanInstall(root, machine)
    let end = await runNpm(how, { root, onStart })
    if (end.code !== 0 && isNetworkFailure(end.errors)) {
      progress.note("No connection to the registry: trying npm's cache.")
      end = await runNpm([...how, "--offline"], { root, onStart })
    }
    if (end.code !== 0) throw new SetupError(explainFailure("Installing the packages", end.errors))
  } finally {
    clearInterval(counting)
  }
}

/**
 * `npm ci` begins by removing node_modules; Windows refuses that while our own node.exe runs from there.
 * @param {string} root
 * @param {import("./platform.mjs").Machine} machine
 */
function cleanInstall(root, machine) {
  const runsFromThere = process.execPath.startsWith(join(root, "node_modules"))
  return machine.platform === "win32" && runsFromThere ? ["install", "--no-save"] : ["ci"]
}

/**
 * The folders that `npm ci` will fill on this computer.
 * @param {string} root
 * @param {import("./platform.mjs").Machine} machine
 * @returns {string[]}
 */
function expectedPackages(root, machine) {
  const { packages } = readJson(join(root, "package-lock.json"))
  return Object.entries(packages)
    .filter(([path, entry]) => path.startsWith("node_modules/") && entry.link !== true)
    .filter(([, entry]) => entry.optional !== true || fitsMachine(entry, machine))
    .map(([path]) => path)
}

/** @typedef {{name: string, version: string, file: string}} Part a package, and the file that shows that it is there */

/**
 * The packages with binaries for this computer that the lock file lists. They are optional there, so npm says nothing when
 * one of them did not arrive.
 * @param {string} root
 * @param {import("./platform.mjs").Machine} machine
 * @returns {Part[]}
 */
function nativePackages(root, machine) {
  const { packages } = readJson(join(root, "package-lock.json"))
  return Object.entries(packages)
    .filter(([path, entry]) => entry.optional === true && path.lastIndexOf("node_modules/") === 0)
    .filter(([, entry]) => (entry.os !== undefined || entry.cpu !== undefined) && fitsMachine(entry, machine))
    .map(([path, { version }]) => ({
      name: path.slice("node_modules/".length),
      version,
      file: "package.json",
    }))
}

/**
 * The first of each name.
 * @param {(Part | undefined)[]} parts
 * @returns {Part[]}
 */
function unique(parts) {
  const byName = new Map()
  for (const part of parts) if (part !== undefined && !byName.has(part.name)) byName.set(part.name, part)
  return [...byName.values()]
}

/**
 * @param {string} root
 * @param {Part | undefined} runtime
 */
function nodeOf(root, runtime) {
  return runtime === undefined ? process.execPath : fileOf(root, runtime)
}

/**
 * What every start says until `file` is there.
 * @typedef {{file: string, text: string}} Note
 * @typedef {{key: string, node: string, files: string[], notes: Note[]}} Stamp
 */

/**
 * Without an engine there is still something to start, so it is said and not refused.
 * @param {string} root
 * @param {import("./platform.mjs").Machine} machine
 * @param {Part | undefined} engine
 * @returns {Note[]}
 */
function engineNotes(root, machine, engine) {
  if (engine === undefined) {
    const text = `No engine is built for ${describe(machine)}: Fireside starts, but runs no model (--engine echo works).`
    return [{ file: "", text }]
  }
  const wanted = `${engine.name}@${engine.version}`
  const text = `The engine's package ${wanted} cannot be had from your registry: Fireside starts, but runs no model until \`npm install --no-save ${wanted}\` succeeds.`
  return isPresent(root, engine) ? [] : [{ file: fileOf(root, engine), text }]
}

/**
 * On standard error, like all that set-up says.
 * @param {Note[]} notes
 */
function tell(notes) {
  for (const { file, text } of notes) if (file === "" || !existsSync(file)) process.stderr.write(`${text}\n`)
}

/**
 * What has to be the same for "nothing to do": the lock file and the kind of computer.
 * @param {string} root
 */
function keyOf(root) {
  const lockFile = readFileSync(join(root, "package-lock.json"))
  const hash = createHash("sha256").update(lockFile).digest("hex")
  return `${hash} ${process.platform} ${process.arch}`
}

/** @param {string} root */
function stampPath(root) {
  return join(root, "node_modules", ".fireside-setup.json")
}

/**
 * @param {string} root
 * @param {string} key
 * @returns {string | undefined} the Node that runs the product when all is installed
 */
function whenDone(root, key) {
  let stamp
  try {
    stamp = /** @type {Stamp} */ (readJson(stampPath(root)))
  } catch {
    return undefined
  }
  if (stamp.key !== key || !Array.isArray(stamp.files) || !Array.isArray(stamp.notes)) return undefined
  if (![...stamp.files, stamp.node].every((file) => existsSync(file))) return undefined
  tell(stamp.notes)
  return stamp.node
}

/**
 * @param {string} root
 * @param {Stamp} stamp
 */
function writeStamp(root, stamp) {
  const path = stampPath(root)
  writeFileSync(`${path}.new`, JSON.stringify(stamp))
  renameSync(`${path}.new`, path)
}

/**
 * @param {string} root
 * @param {Part} part
 */
function fileOf(root, part) {
  return join(root, "node_modules", part.name, part.file)
}

/**
 * @param {string} root
 * @param {Part} part
 */
function isPresent(root, part) {
  try {
    const { version } = readJson(join(root, "node_modules", part.name, "package.json"))
    return version === part.version && existsSync(fileOf(root, part))
  } catch {
    return false
  }
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"))
}
