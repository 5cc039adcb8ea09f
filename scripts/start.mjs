// `npm start`: sets up what is missing, then runs the product from its sources with the arguments given.
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { ensureInstalled } from "./setup/ensure-installed.mjs"
import { ensurePage } from "./setup/ensure-page.mjs"
import { endLike, launchNode, sourceEnvironment } from "./setup/launch-node.mjs"
import { runSetup } from "./setup/run-setup.mjs"

const root = dirname(dirname(fileURLToPath(import.meta.url)))

await runSetup(async () => {
  const { node } = await ensureInstalled(root)
  if (showsPage(process.argv.slice(2))) await ensurePage(root, node)
  // npm changes to this folder; names of files are meant from where the user stands.
  const cwd = process.env.INIT_CWD || process.cwd()
  const program = join(root, "packages", "cli", "src", "main.ts")
  endLike(await launchNode(node, [program, ...wanted()], { cwd, env: sourceEnvironment(root) }))
})

/**
 * The arguments given. Where nobody sits at a terminal, `npm start` alone is the server all the same; what has a terminal opens the page itself.
 * @returns {string[]}
 */
function wanted() {
  const args = process.argv.slice(2)
  return args.length === 0 && !process.stdin.isTTY ? ["serve"] : args
}

/**
 * Without a command the product shows its page, and so does the server.
 * @param {readonly string[]} args
 */
function showsPage(args) {
  const command = args.find((word) => !word.startsWith("-"))
  return command === undefined || command === "serve"
}
