#!/usr/bin/env node
// The entry of the program. Nothing is imported before the version of Node is known to be one that can run the rest.
import module from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"
import process from "node:process"

const NEEDED = { major: 22, minor: 18 }
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (major < NEEDED.major || (major === NEEDED.major && minor < NEEDED.minor)) {
  process.stderr.write(
    `Fireside needs Node ${NEEDED.major}.${NEEDED.minor} or newer; this is ${process.versions.node}. Install it from https://nodejs.org or with your package manager.\n`,
  )
  process.exit(1)
} else {
  // In the user's own folder: Node's default is one in the shared temporary folder, where others could lay code for us to run.
  module.enableCompileCache?.(join(homedir(), ".cache", "fireside", "compiled"))
  const { runProcess } = await import("./run-process.ts")
  await runProcess(process.env)
}
