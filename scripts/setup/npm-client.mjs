// Runs the npm that started us (or the one on the PATH) quietly, and turns its failures into one line.
import { spawn } from "node:child_process"
import { accessSync, constants, existsSync } from "node:fs"
import { delimiter, join, sep } from "node:path"
import { SetupError } from "./setup-error.mjs"

const QUIET = ["--loglevel=error", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts"]
/** npm's own pauses (10 s, 60 s) make a computer without network look hung. */
const SHORT_PAUSES = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
const NETWORK_CODES =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED|EIDLETIMEOUT)\b/
const STOPPING_MS = 500
const KEPT_CHARACTERS = 20_000

/**
 * @typedef {object} NpmEnd
 * @property {number} code
 * @property {string} errors the end of npm's stderr
 */

/** @returns {{command: string, first: string[]}} how npm is called here */
export function findNpm(env = process.env) {
  const script = env.npm_execpath
  // pnpm and yarn set the same variable; their lock files are not ours.
  if (script !== undefined && /npm-cli\.[cm]?js$/.test(script) && existsSync(script)) {
    const node = env.npm_node_execpath || process.execPath
    return { command: existsSync(node) ? node : process.execPath, first: [script] }
  }
  const file = process.platform === "win32" ? "npm.cmd" : "npm"
  for (const folder of (env.PATH || "").split(delimiter)) {
    if (folder === "" || folder.includes(`node_modules${sep}.bin`)) continue
    if (isExecutable(join(folder, file))) return { command: join(folder, file), first: [] }
  }
  throw new SetupError(
    "npm is missing: install it with Node (https://nodejs.org), then run the same command again.",
  )
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Runs npm to its end. When we are told to stop, npm is stopped first: it must not write behind our back.
 * @param {string[]} args
 * @param {{root: string, onStart?: (pid: number) => void, env?: NodeJS.ProcessEnv}} options
 * @returns {Promise<NpmEnd>}
 */
export function runNpm(args, { root, onStart, env = process.env }) {
  const { command, first } = findNpm(env)
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args, ...QUIET, ...SHORT_PAUSES], {
      cwd: root,
      env: quietEnvironment(env),
      stdio: ["ignore", "ignore", "pipe"],
      shell: command.endsWith(".cmd"),
    })
    let errors = ""
    /** @type {NodeJS.Signals | undefined} */
    let stopped
    const stop = (/** @type {NodeJS.Signals} */ signal) => {
      stopped = signal
      child.kill(signal)
      // npm would tidy up for a while; nothing it leaves counts as done, so it need not.
      setTimeout(() => child.kill("SIGKILL"), STOPPING_MS).unref()
    }
    for (const signal of STOPPING) process.on(signal, stop)
    child.stderr.setEncoding("utf8")
    child.stderr.on("data", (text) => {
      errors = (errors + text).slice(-KEPT_CHARACTERS)
    })
    child.once("spawn", () => {
      try {
        onStart?.(child.pid || 0)
      } catch (error) {
        child.kill("SIGKILL")
        reject(error)
      }
    })
    child.once("error", (cause) => reject(new SetupError(`npm could not be started: ${cause.message}`)))
    child.once("close", (code) => {
      for (const signal of STOPPING) process.off(signal, stop)
      if (stopped !== undefined) reject(new Interrupted(stopped))
      else resolve({ code: code === null ? 1 : code, errors })
    })
  })
}

/** @type {NodeJS.Signals[]} */
const STOPPING = ["SIGINT", "SIGTERM", "SIGHUP"]

/** We were asked to stop while npm ran. */
export class Interrupted extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`stopped by ${signal}`)
    this.signal = signal
  }
}

/**
 * `npm start --silent`, `--json` and a filter by workspace are meant for the command, not for the installation.
 * @param {NodeJS.ProcessEnv} env
 */
function quietEnvironment(env) {
  const kept = { ...env }
  for (const name of [
    "npm_config_loglevel",
    "npm_config_json",
    "npm_config_workspace",
    "npm_config_workspaces",
  ])
    delete kept[name]
  return kept
}

/**
 * The registry answered, but has no such package or version.
 * @param {string} errors
 */
export function isLackOfPackage(errors) {
  return /\b(E404|ETARGET|ENOVERSIONS)\b/.test(errors)
}

/** @param {string} errors */
export function isNetworkFailure(errors) {
  return NETWORK_CODES.test(errors)
}

/**
 * The one line for a failed installation.
 * @param {string} what was being installed
 * @param {string} errors npm's stderr
 */
export function explainFailure(what, errors) {
  if (isNetworkFailure(errors)) {
    const host = /(?:https?:\/\/)([^/\s:]+)/.exec(errors)?.[1]
    return `${what}: the package registry${host === undefined ? "" : ` (${host})`} cannot be reached and the packages are not in npm's cache. Connect once, then run the same command again.`
  }
  if (/\bENOSPC\b/.test(errors)) return `${what}: the disk is full; about 1 GB is needed.`
  if (/\b(EACCES|EROFS|EPERM)\b/.test(errors))
    return `${what}: a folder cannot be written. ${firstLines(errors, 2)}`
  if (/\b(E401|E403|E407)\b/.test(errors))
    return `${what}: the registry or proxy refuses. ${firstLines(errors, 2)}`
  return `${what} failed. ${firstLines(errors, 6)}`
}

/**
 * @param {string} errors
 * @param {number} count
 */
function firstLines(errors, count) {
  const lines = errors
    .split("\n")
    .map((line) => line.replace(/^npm (ERR!|error)\s*/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("A complete log"))
  return `npm says: ${lines.slice(0, count).join(" · ")}`
}
