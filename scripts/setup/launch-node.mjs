// Runs the real program under the right Node: terminal, exit code and signals as if it had been started directly.
import { spawn } from "node:child_process"
import { join } from "node:path"

/**
 * @param {string} node path of the Node to use
 * @param {string[]} args script and its arguments
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv}} [options]
 * @returns {Promise<{code: number | null, signal: NodeJS.Signals | null}>}
 */
export function launchNode(node, args, { cwd = process.cwd(), env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, env, stdio: "inherit" })
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
 * Ends this process as the program ended.
 * @param {{code: number | null, signal: NodeJS.Signals | null}} end
 */
export function endLike({ code, signal }) {
  if (signal !== null) process.kill(process.pid, signal)
  process.exitCode = code === null ? 1 : code
}

/**
 * The environment for running from sources: with compiled code of the last run, in a folder that only its owner writes.
 * @param {string} root of the repository
 */
export function sourceEnvironment(root) {
  return { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "node-compile"), ...process.env }
}
