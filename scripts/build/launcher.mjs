#!/usr/bin/env node
// The command of the installed package: runs the program in this Node when it is new enough, and otherwise in the Node 24
// that came along as an optional package. Plain JavaScript for any Node from 18 up; bundled to dist/fireside.js.
import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { endLike, launchNode } from "../setup/launch-node.mjs"
import { isAtLeast, runtimeFile, thisMachine } from "../setup/platform.mjs"

/** The bundle is written for this Node; the sources need a newer one. */
const NEEDED = [22, 18]

// The bundle lies beside this file once both are built; a name in a variable keeps the compiler from looking for it here.
const PROGRAM = "./program.js"

if (isAtLeast(process.versions.node, NEEDED)) await import(PROGRAM)
else {
  const node = findNode()
  if (node === undefined) {
    process.stderr.write(
      `Fireside needs Node ${NEEDED.join(".")} or newer; this is ${process.versions.node}. Install it from https://nodejs.org or with your package manager.\n`,
    )
    process.exitCode = 1
  } else {
    const program = fileURLToPath(new URL(PROGRAM, import.meta.url))
    endLike(await launchNode(node, [program, ...process.argv.slice(2)]))
  }
}

/** @returns {string | undefined} the Node of the optional package */
function findNode() {
  const runtime = runtimeFile(thisMachine())
  if (runtime === undefined) return undefined
  try {
    const manifest = createRequire(import.meta.url).resolve(`${runtime.name}/package.json`)
    const file = join(dirname(manifest), runtime.file)
    return existsSync(file) ? file : undefined
  } catch {
    return undefined
  }
}
