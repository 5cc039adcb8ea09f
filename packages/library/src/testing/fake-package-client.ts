// A program that tests run in place of pip and npm: it copies archives from a folder and notes how it was called. Run by Node itself.
import { appendFileSync, copyFileSync, existsSync, readdirSync } from "node:fs"
import { join } from "node:path"

// biome-ignore lint/style/noProcessEnv: a program of its own, which has nobody to be given it by
const environment = process.env
const { FAKE_INDEX: index = "", FAKE_LOG: log = "", FAKE_FAIL: failure } = environment

const args = process.argv.slice(2)
const seen = {
  args,
  proxy: environment.HTTPS_PROXY,
  noProxy: environment.NO_PROXY,
  temporary: environment.TMPDIR,
}
if (log !== "") appendFileSync(log, `${JSON.stringify(seen)}\n`)

const [verb = ""] = args
if (verb === "--version") process.stdout.write("fake 1.0\n")
else if (verb === "config") process.stdout.write("global.index-url='https://index.example.test/simple'\n")
else if (failure !== undefined) {
  process.stderr.write(`${failure}\n`)
  process.exitCode = 1
} else {
  const target = args[args.findIndex((arg) => arg === "--dest" || arg === "--pack-destination") + 1] ?? "."
  const spec = (args.at(-1) ?? "").replaceAll("/", "--")
  const archive = existsSync(join(index, spec)) ? readdirSync(join(index, spec))[0] : undefined
  if (archive === undefined) {
    process.stderr.write(`ERROR: No matching distribution found for ${spec}\n`)
    process.exitCode = 1
  } else copyFileSync(join(index, spec, archive), join(target, archive))
}
