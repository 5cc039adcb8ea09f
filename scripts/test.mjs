// `npm test`: sets up what is missing, obtains the weights, runs every test and ends with `N passed, N failed`.
// Arguments go to Vitest: `npm test -- packages/gguf`, `npm test -- --project unit`.
import { mkdirSync, readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { ensureInstalled } from "./setup/ensure-installed.mjs"
import { ensurePage } from "./setup/ensure-page.mjs"
import { ensureWeights, weightsFolder } from "./setup/ensure-weights.mjs"
import { launchNode } from "./setup/launch-node.mjs"
import { runSetup } from "./setup/run-setup.mjs"
import { countTests } from "./test/count-tests.mjs"

const root = dirname(dirname(fileURLToPath(import.meta.url)))

await runSetup(async () => {
  const { node } = await ensureInstalled(root)
  await ensurePage(root, node)
  const args = process.argv.slice(2)
  const env = { ...process.env }
  const missing = args.join(" ").includes("--project unit") ? undefined : await obtainWeights(env)

  const report = join(root, "node_modules", ".cache", "fireside-tests", `report-${process.pid}.json`)
  mkdirSync(dirname(report), { recursive: true })
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs")
  const { code, signal } = await launchNode(
    node,
    [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args],
    { env },
  )
  const counts = countTests(readReport(report), code)
  rmSync(report, { force: true })

  if (missing !== undefined) {
    process.stdout.write(`\nRan WITHOUT the tests that need real weights: ${missing}\n`)
    if (process.env.CI === "true") {
      process.stdout.write("In CI (CI=true) that counts as a failure.\n")
      counts.failed += 1
    }
  }
  if (counts.skipped > 0) process.stdout.write(`${counts.skipped} skipped\n`)
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
  process.exitCode = signal !== null ? 130 : counts.failed > 0 ? 1 : 0
})

/**
 * Puts the folder of the weights into the tests' environment.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} why there are none
 */
async function obtainWeights(env) {
  const folder = weightsFolder()
  const missing = await ensureWeights(folder)
  if (missing === undefined) env.FIRESIDE_TEST_CACHE = folder
  else delete env.FIRESIDE_TEST_CACHE
  return missing
}

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"))
  } catch {
    return undefined
  }
}
