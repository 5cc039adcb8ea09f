import { type Database, openDatabase, SILENT_LOG } from "@fireside/host"
import { createTemporaryHome, type TemporaryHome } from "@fireside/host/testing"
import { readServerFile } from "@fireside/server"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { connectToServer } from "../server-connection.ts"
import { call, startCall } from "../testing.ts"

let home: TemporaryHome
let database: Database
beforeEach(async () => {
  home = await createTemporaryHome()
  database = await openDatabase(home.paths)
})
afterEach(async () => {
  await database[Symbol.asyncDispose]()
  await home[Symbol.asyncDispose]()
})
const parts = () => ({ home: home.paths.home, database })
const start = (...flags: string[]) => startCall(["serve", "--port", "0", ...flags], { parts: parts() })

describe("serve", () => {
  test("says where it is and who can reach it, and ends with 0 when it is interrupted", async () => {
    const running = start()
    await running.shows("Only programs of this computer can reach it.")
    const file = await readServerFile(home.paths)
    expect(file?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    running.interrupt()
    const { exitCode, out, err } = await running.done
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: "" })
    expect(err).toContain(`Fireside serves ${file?.url}\n`)
    expect(await readServerFile(home.paths)).toBeUndefined()
  })

  test("a second signal leaves at once", async () => {
    const running = start()
    await running.shows("Ctrl-C stops it.")
    running.terminate()
    running.terminate()
    expect(running.forced).toEqual([130])
    await running.done
  })

  test("--json tells a program where it is", async () => {
    const running = start("--json")
    await running.shows("}\n")
    running.terminate()
    const { out } = await running.done
    expect(JSON.parse(out)).toMatchObject({ url: expect.stringContaining("http://127.0.0.1:"), notices: [] })
  })

  test("flags are settings", async () => {
    const running = start(
      "--require-key",
      "--allow-host",
      "Chat.example",
      "--allow-host",
      "b.example",
      "--self-signed",
    )
    await running.shows("Ctrl-C stops it.")
    expect((await readServerFile(home.paths))?.url).toMatch(/^https:/)
    running.interrupt()
    expect((await running.done).exitCode).toBe(0)
  })

  test.each([
    [["--self-signed", "--without-tls"], 2, "exclude each other"],
    [["--tls-key", "/k.pem", "--self-signed"], 2, "exclude each other"],
    [["--tls-key", "/k.pem"], 2, "certificate is missing"],
    [["--tls-certificate", "/c.pem"], 2, "needs its key"],
    [["--port", "65536"], 2, "0 to 65535"],
    [["--ollama-port", "none"], 2, "0 to 65535"],
    [["--parallel", "0"], 2, "from 1 on"],
    [["--host", "0.0.0.0"], 78, "no key and no encryption"],
    [["--allow-origin", "chat.example"], 78, "allowedOrigins"],
  ])("%j is refused", async (flags, exitCode, message) => {
    const called = await call(["serve", "--port", "0", ...flags], { parts: parts() })
    expect(called).toMatchObject({ exitCode, out: "" })
    expect(called.err).toContain(message)
  })
})

describe("stop without a model", () => {
  test("stops the server and waits for its end", async () => {
    const running = start()
    await running.shows("Ctrl-C stops it.")
    const { exitCode, err } = await call(["stop"], { parts: parts() })
    expect(exitCode).toBe(0)
    expect(err).toMatch(/^Stopped the server at http:\/\/127/)
    expect(await readServerFile(home.paths)).toBeUndefined()
    expect((await running.done).exitCode).toBe(0)
    expect(await connectToServer({ paths: home.paths, log: SILENT_LOG })).toBeUndefined()
  })

  test("without a server says so", async () => {
    const { exitCode, err } = await call(["stop"], { parts: parts() })
    expect(exitCode).toBe(1)
    expect(err).toContain("fireside stop MODEL")
  })
})
