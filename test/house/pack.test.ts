// The published package for real: build, pack, install into an empty prefix with an empty home, and use it.
// Takes packages from npm's cache where they are, else from the registry.
import { execFile, spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { findNpm } from "../../scripts/setup/npm-client.mjs"
import { ROOT } from "./walk-house.ts"

const run = promisify(execFile)
const npm = findNpm()
const weights = process.env.FIRESIDE_TEST_CACHE

let folder: string
let home: string
let command: string
let globalConfig: string

/** An environment as a new user has it: nothing of ours. */
function environment(): NodeJS.ProcessEnv {
  return {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: home,
    FIRESIDE_HOME: join(home, "fireside"),
  }
}

/** npm is asked as this computer is set up for it: its registry, certificates, proxy and cache are not what is tested. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const network = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_|.*_proxy$|NODE_EXTRA_CA_CERTS$)/i.test(name),
  )
  const { HOME = home } = process.env
  return {
    npm_config_userconfig: join(HOME, ".npmrc"),
    npm_config_cache: join(HOME, ".npm"),
    npm_config_globalconfig: globalConfig,
    ...Object.fromEntries(network),
    ...environment(),
    npm_config_update_notifier: "false",
    npm_config_fetch_retries: "1",
  }
}

async function callNpm(...args: readonly string[]): Promise<string> {
  const options = { cwd: ROOT, env: npmEnvironment(), maxBuffer: 1 << 24 }
  return (await run(npm.command, [...npm.first, ...args], options)).stdout
}

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function fireside(...args: readonly string[]): Promise<Outcome> {
  try {
    return { code: 0, ...(await run(command, [...args], { cwd: folder, env: environment() })) }
  } catch (error) {
    // What execFile rejects with when the program ended with another code than 0.
    return error as Outcome
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fireside pack-"))
  home = join(folder, "home")
  mkdirSync(home)
  // It lies beside the prefix, and so would be lost with another prefix.
  globalConfig = (
    await run(npm.command, [...npm.first, "config", "get", "globalconfig"], { cwd: ROOT })
  ).stdout.trim()
  await run(process.execPath, [join(ROOT, "scripts", "build", "main.ts")], { cwd: ROOT })
  const packed: { filename: string }[] = JSON.parse(
    await callNpm("pack", "./dist", "--json", "--pack-destination", folder),
  )
  const tarball = join(folder, packed[0]?.filename ?? "")
  const prefix = join(folder, "prefix")
  await callNpm(
    "install",
    "--global",
    "--prefix",
    prefix,
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    tarball,
  )
  command = process.platform === "win32" ? join(prefix, "fireside.cmd") : join(prefix, "bin", "fireside")
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("the package", () => {
  test("carries the program, the engine's child and the licences", () => {
    const files = readdirSync(join(ROOT, "dist"))
    expect(files).toEqual(
      expect.arrayContaining([
        "fireside.js",
        "program.js",
        "engine-child.js",
        "LICENSE",
        "THIRD-PARTY-NOTICES.md",
      ]),
    )
    expect(readFileSync(join(ROOT, "dist", "THIRD-PARTY-NOTICES.md"), "utf8")).toContain("## commander ")
  })

  test("starts light: what the program loads at once is small, the rest is in chunks", () => {
    expect(statSync(join(ROOT, "dist", "program.js")).size).toBeLessThan(100_000)
  })

  test("pins every dependency exactly and names none of ours", () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, "dist", "package.json"), "utf8"))
    const all: Record<string, string> = { ...manifest.dependencies, ...manifest.optionalDependencies }
    expect(Object.keys(all)).toEqual(
      expect.arrayContaining(["better-sqlite3", "koffi", "@node-llama-cpp/linux-x64"]),
    )
    for (const [name, version] of Object.entries(all)) {
      expect(name).not.toMatch(/^@fireside\//)
      expect(version, name).toMatch(/^(npm:[a-z0-9-]+@)?\d+\.\d+\.\d+$/)
    }
  })
})

describe("the repository itself", () => {
  test("packs into the same command: nothing but the bundle, with the same native packages", async () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))
    const published = JSON.parse(readFileSync(join(ROOT, "dist", "package.json"), "utf8"))
    expect(manifest.name).toBe(published.name)
    expect(manifest.dependencies).toEqual(published.dependencies)
    // Only what every registry has: npm cannot lock the others.
    expect(published.optionalDependencies).toMatchObject(manifest.optionalDependencies)
    const [packed] = JSON.parse(await callNpm("pack", "--dry-run", "--json", "--ignore-scripts"))
    const paths: string[] = packed.files.map((file: { path: string }) => file.path)
    expect(paths).toContain(manifest.bin.fireside)
    expect(paths.filter((path) => !path.startsWith("dist/")).sort()).toEqual([
      "LICENSE",
      "README.md",
      "package.json",
    ])
    expect(Object.keys(manifest.optionalDependencies)).toContain("@node-llama-cpp/linux-x64")
  })
})

describe("the installed command", () => {
  test("prints its version", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))
    expect(await fireside("--version")).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" })
  })

  test("answers without weights", async () => {
    const outcome = await fireside("run", "echo", "Hello from the package", "--engine", "echo")
    expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining("Hello from the package") })
  })

  // The space in the folder's name is on purpose: the engine's child is found by a URL.
  test.skipIf(weights === undefined)("answers with the engine (needs FIRESIDE_TEST_CACHE)", async () => {
    expect(await fireside("import", join(weights ?? "", "smollm2.gguf"), "--name", "tiny")).toMatchObject({
      code: 0,
    })
    const question = "What is the capital of France? Answer in one sentence."
    expect(await fireside("run", "tiny", question, "--temperature", "0")).toMatchObject({
      code: 0,
      stdout: "The capital of France is Paris.\n",
    })
    expect(readFileSync(join(home, "fireside", "logs", "fireside.log"), "utf8")).toContain("model loaded")
  })

  test("serves with a certificate of its own", async () => {
    const args = ["--engine", "echo", "serve", "--port", "0", "--ollama-port", "off", "--self-signed"]
    const server = spawn(command, args, {
      cwd: folder,
      env: environment(),
      stdio: ["ignore", "ignore", "pipe"],
    })
    let said = ""
    for await (const text of server.stderr.setEncoding("utf8")) {
      said += text
      if (said.includes("\n")) server.kill("SIGTERM")
    }
    expect(said).toContain("Fireside serves https://")
  })

  test("opens its database with the native driver", async () => {
    expect(await fireside("privacy", "lock")).toMatchObject({ code: 0 })
    const { stdout } = await fireside("privacy", "status", "--json")
    expect(JSON.parse(stdout)).toMatchObject({ lock: "locked" })
    expect(existsSync(join(home, "fireside", "fireside.db"))).toBe(true)
  })

  test("a wrong call ends with 2 and the usage", async () => {
    const outcome = await fireside("run", "--no-such-flag")
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toContain("Usage: fireside run")
  })
})
