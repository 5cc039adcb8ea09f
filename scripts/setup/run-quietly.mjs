// Runs a program of ours to its end and keeps what it says, for when it fails.
import { spawn } from "node:child_process"

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{cwd: string}} options
 * @returns {Promise<{code: number, output: string}>}
 */
export function runQuietly(program, args, { cwd }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { cwd, stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8")
      stream.on("data", (text) => {
        output += text
      })
    }
    child.once("error", reject)
    child.once("close", (code) => resolve({ code: code ?? 1, output }))
  })
}
