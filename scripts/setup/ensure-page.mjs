// The page as its sources are: built when it is missing, or when a source is newer than what was built. Plain JavaScript for any Node.
import { existsSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { runQuietly } from "./run-quietly.mjs"
import { SetupError } from "./setup-error.mjs"

const SOURCES = ["packages/web", "packages/protocol/src", "docs/guide"]
const NOT_SOURCES = new Set(["node_modules"])

/**
 * @param {string} root of the repository
 * @param {string} node the Node that runs the product
 * @returns {Promise<void>}
 */
export async function ensurePage(root, node) {
  const built = join(root, "dist", "web", "service-worker.js")
  if (existsSync(built) && statSync(built).mtimeMs >= newestOf(root)) return
  process.stderr.write("Building the page (once, some seconds) …\n")
  const { code, output } = await runQuietly(node, [join(root, "scripts", "build", "page.ts")], { cwd: root })
  if (code !== 0) throw new SetupError(`The page could not be built:\n${output.trim()}`)
}

/**
 * @param {string} root
 * @returns {number} when the newest source was changed, milliseconds
 */
function newestOf(root) {
  let newest = 0
  /** @param {string} folder */
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (NOT_SOURCES.has(entry.name)) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) visit(path)
      else newest = Math.max(newest, statSync(path).mtimeMs)
    }
  }
  for (const source of SOURCES) if (existsSync(join(root, source))) visit(join(root, source))
  return newest
}
