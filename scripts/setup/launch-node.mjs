// Runs the real program under the right Node: terminal, exit code and signals as if it had been started directly.
import { spawn } from "node:child_process"
import { join } from "node:path"
import { canRunSource } from "./platform.mjs"

/**
 * @param {string} node path of the Node to use
 * @param {string[]} args script and its arguments
 * @param {{root: string, cwd?: string, env?: NodeJS.ProcessEnv, onSpawn?: (child: import("node:child_process").ChildProcess) => void}} options
 * @returns {Promise<{code: number | null, signal: NodeJS.Signals | null}>}
 */
export function launchNode(node, args, { root, cwd = process.cwd(), env = process.env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [...quietFlags(node), ...args], {
      cwd,
      // Compiled code of the last run: the sources are read and stripped of their types once.
      env: { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "node-compile"), ...env },
      stdio: "inherit",
    })
    const stopListening = passSignals(child)
    child.once("error", reject)
    child.once("close", (code, signal) => {
      stopListening()
      resolve({ code, signal })
    })
  })
}

/**
 * A terminal sends Ctrl-C to every process in front of it, the program included: passing it on would count it twice.
 * Without a terminal, and for the other signals, the program hears of it only from us.
 * @param {import("node:child_process").ChildProcess} child
 */
function passSignals(child) {
  const onTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY)
  const pass = (/** @type {NodeJS.Signals} */ signal) => {
    if (signal !== "SIGINT" || !onTerminal) child.kill(signal)
  }
  /** @type {NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"]
  for (const signal of signals) process.on(signal, pass)
  return () => {
    for (const signal of signals) process.off(signal, pass)
  }
}

/**
 * Node before 24 warns about stripping types on every start.
 * @param {string} node
 */
function quietFlags(node) {
  const isOurs = node === process.execPath
  return isOurs && canRunSource(process.versions.node) && Number.parseInt(process.versions.node, 10) < 24
    ? ["--disable-warning=ExperimentalWarning"]
    : []
}

/**
 * Ends this process as the program ended.
 * @param {{code: number | null, signal: NodeJS.Signals | null}} end
 */
export function endLike({ code, signal }) {
  if (signal !== null) process.kill(process.pid, signal)
  process.exitCode = code === null ? 1 : code
}
