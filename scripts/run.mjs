// Sets up what is missing, then runs a script of this repository: `node scripts/run.mjs <script> [arguments…]`.
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { ensureInstalled } from "./setup/ensure-installed.mjs"
import { endLike, launchNode, sourceEnvironment } from "./setup/launch-node.mjs"
import { runSetup } from "./setup/run-setup.mjs"

const root = dirname(dirname(fileURLToPath(import.meta.url)))

await runSetup(async () => {
  const { node } = await ensureInstalled(root)
  const [script = "", ...args] = process.argv.slice(2)
  endLike(await launchNode(node, [join(root, script), ...args], { cwd: root, env: sourceEnvironment(root) }))
})
