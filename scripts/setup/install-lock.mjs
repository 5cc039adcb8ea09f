// One set-up at a time in one folder: a lock file that others wait for and that a dead owner does not keep.
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { SetupError } from "./setup-error.mjs"

const POLL_MS = 200
const HEARTBEAT_MS = 2_000
/** An owner whose process cannot be looked at (another computer on a shared folder) is dead after this silence. */
const FOREIGN_SILENCE_MS = 60_000
/** A process id that answers but never beats is somebody else's by now. */
const REUSED_ID_SILENCE_MS = 600_000

/**
 * @typedef {object} InstallLock
 * @property {(pid: number) => void} hold also waits for this process (npm) before the lock counts as abandoned
 * @property {() => void} release
 */

/**
 * Waits until no other set-up works in the folder.
 * @param {string} path of the lock file
 * @param {(owner: number) => void} onWait called once, with the owner's process id
 * @returns {Promise<InstallLock>}
 */
export async function takeInstallLock(path, onWait) {
  let told = false
  while (!create(path)) {
    const seen = read(path)
    if (seen === undefined) continue
    if (isAbandoned(seen)) {
      remove(path, seen.text)
      continue
    }
    if (!told) onWait(seen.pids[0] ?? 0)
    told = true
    await new Promise((wake) => setTimeout(wake, POLL_MS))
  }
  const beat = setInterval(() => touch(path), HEARTBEAT_MS)
  beat.unref()
  return {
    hold(pid) {
      write(path, [process.pid, pid])
    },
    release() {
      clearInterval(beat)
      rmSync(path, { force: true })
    },
  }
}

/** @param {string} path */
function create(path) {
  const mine = `${path}.${process.pid}`
  try {
    writeFileSync(mine, contentOf([process.pid]))
    appear(mine, path)
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false
    throw explained(error)
  } finally {
    rmSync(mine, { force: true })
  }
}

/**
 * A link appears with its whole content or not at all; folders without hard links get the next best.
 * @param {string} mine
 * @param {string} path
 */
function appear(mine, path) {
  try {
    linkSync(mine, path)
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error)
    if (code === "EEXIST" || code === undefined) throw error
    writeFileSync(path, contentOf([process.pid]), { flag: "wx" })
  }
}

/**
 * @param {string} path
 * @param {number[]} pids
 */
function write(path, pids) {
  const mine = `${path}.${process.pid}`
  try {
    writeFileSync(mine, contentOf(pids))
    renameSync(mine, path)
  } catch (error) {
    rmSync(mine, { force: true })
    throw explained(error)
  }
}

/** @param {unknown} error of writing the lock */
function explained(error) {
  const { code } = /** @type {NodeJS.ErrnoException} */ (error)
  if (code === "EROFS" || code === "EACCES" || code === "EPERM")
    return new SetupError(
      `This folder cannot be written (${code}): copy it to a folder of yours, or run as its owner.`,
    )
  if (code === "ENOSPC") return new SetupError("The disk is full: about 1 GB is needed for the packages.")
  return error
}

/** @param {number[]} pids */
function contentOf(pids) {
  return JSON.stringify({ pids, host: hostname() })
}

/** @param {string} path */
function read(path) {
  try {
    const text = readFileSync(path, "utf8")
    const { pids, host } = JSON.parse(text)
    return { text, pids: /** @type {number[]} */ (pids), host, silentMs: Date.now() - statSync(path).mtimeMs }
  } catch (error) {
    // Gone between two looks; or not ours to read as JSON, then nobody of ours holds it.
    if (error instanceof SyntaxError) rmSync(path, { force: true })
    return undefined
  }
}

/** @param {NonNullable<ReturnType<typeof read>>} seen */
function isAbandoned({ pids, host, silentMs }) {
  if (host !== hostname()) return silentMs > FOREIGN_SILENCE_MS
  return !pids.some(isAlive) || silentMs > REUSED_ID_SILENCE_MS
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM"
  }
}

/**
 * Takes an abandoned lock away. Two may try at once, and between look and rename a third may have taken it anew:
 * so what was moved is compared with what was seen, and a living lock is put back.
 * @param {string} path
 * @param {string} seenText
 */
function remove(path, seenText) {
  const moved = `${path}.old-${process.pid}`
  try {
    renameSync(path, moved)
    if (readFileSync(moved, "utf8") !== seenText) linkSync(moved, path)
  } catch {
    // Another one was quicker: the loop looks again.
  }
  rmSync(moved, { force: true })
}

/** @param {string} path */
function touch(path) {
  const now = new Date()
  try {
    utimesSync(path, now, now)
  } catch {
    // The folder went away with us in it; the next write will say so.
  }
}
