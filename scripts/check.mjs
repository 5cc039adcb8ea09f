// `npm run check`: types, lint, dead code, references, unit tests; each shown with its outcome. `--skip unit` leaves one out.
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { ensureInstalled } from "./setup/ensure-installed.mjs"
import { runQuietly } from "./setup/run-quietly.mjs"
import { runSetup } from "./setup/run-setup.mjs"

const root = dirname(dirname(fileURLToPath(import.meta.url)))

const CHECKS = [
  { name: "types", script: "node_modules/typescript/bin/tsc", args: ["--project", "."] },
  {
    name: "types-web",
    script: "node_modules/typescript/bin/tsc",
    args: ["--project", "packages/web"],
  },
  {
    name: "types-page-tests",
    script: "node_modules/typescript/bin/tsc",
    args: ["--project", "test/e2e/page"],
  },
  {
    name: "lint",
    script: "node_modules/@biomejs/biome/bin/biome",
    args: ["check", "--error-on-warnings", "."],
  },
  { name: "dead-code", script: "node_modules/knip/bin/knip.js", args: [] },
  { name: "docs", script: "scripts/docs/main.ts", args: ["--check"] },
  { name: "unit", script: "node_modules/vitest/vitest.mjs", args: ["run", "--project", "unit"] },
]

await runSetup(async () => {
  const { node } = await ensureInstalled(root)
  const skipped = process.argv.filter((_, index) => process.argv[index - 1] === "--skip")
  const unknown = skipped.find((name) => !CHECKS.some((check) => check.name === name))
  if (unknown !== undefined) {
    process.stderr.write(`There is no check ${unknown}: ${CHECKS.map(({ name }) => name).join(", ")}\n`)
    process.exitCode = 2
    return
  }
  let passed = 0
  let failed = 0
  for (const check of CHECKS.filter(({ name }) => !skipped.includes(name))) {
    const since = Date.now()
    const { code, output } = await runQuietly(node, [join(root, check.script), ...check.args], { cwd: root })
    const seconds = ((Date.now() - since) / 1000).toFixed(1)
    process.stdout.write(`${code === 0 ? "ok    " : "FAILED"} ${check.name} (${seconds} s)\n`)
    if (code === 0) passed += 1
    else {
      failed += 1
      process.stdout.write(`${output}\n`)
    }
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  process.exitCode = failed === 0 ? 0 : 1
})
