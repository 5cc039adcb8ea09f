// Stands for npm in the tests of set-up. It writes its calls to a log and does what the file `plan.json` beside the log says:
// {"fail": "text for stderr"}, {"hang": true}, or fills node_modules as `npm ci` would.
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

const state = process.env.FAKE_NPM_STATE ?? ""
const plan = existsSync(join(state, "plan.json"))
  ? JSON.parse(readFileSync(join(state, "plan.json"), "utf8"))
  : {}
const [verb = "", ...args] = process.argv.slice(2)
appendFileSync(
  join(state, "calls.log"),
  `${[verb, ...args.filter((arg) => !arg.startsWith("--"))].join(" ")}\n`,
)

/**
 * A package as npm would unpack it.
 * @param {string} name
 * @param {string} version
 * @param {string} file
 */
function unpack(name, version, file) {
  const path = join("node_modules", name, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(join("node_modules", name, "package.json"), JSON.stringify({ name, version }))
  if (file !== "package.json") writeFileSync(path, "")
}

if (verb === "ci") {
  rmSync("node_modules", { recursive: true, force: true })
  unpack("half", "1.0.0", "package.json")
  if (plan.hang) {
    writeFileSync(join(state, "hanging"), String(process.pid))
    setInterval(() => {}, 1_000)
  } else if (plan.fail) {
    process.stderr.write(plan.fail)
    process.exitCode = 1
  } else {
    const lock = JSON.parse(readFileSync("package-lock.json", "utf8"))
    for (const [path, { version, file = "package.json" }] of Object.entries(lock.packages))
      if (path !== "" && !path.endsWith(plan.passOver ?? " "))
        unpack(path.slice("node_modules/".length), version, file)
  }
} else if (verb === "install" && !plan.registryLacks && !plan.installError) {
  const wanted = args.find((arg) => !arg.startsWith("--")) ?? ""
  const at = wanted.lastIndexOf("@")
  const name = wanted.slice(0, at)
  unpack(name, wanted.slice(at + 1), name.startsWith("node-") ? plan.runtimeFile : "package.json")
} else {
  process.stderr.write(plan.installError ?? "npm error code ETARGET\nnpm error No matching version found\n")
  process.exitCode = 1
}
