import { fork, spawnSync } from "node:child_process"
import { once } from "node:events"
import { readFileSync, readlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Child, ChildOptions } from "./child.ts"
import { processIdentity } from "./process-identity.ts"
import { probeSandbox, type SandboxWorld, thisMachine } from "./sandbox.ts"
import { startChild } from "./start-child.ts"
import { createTemporaryHome, type TemporaryHome } from "./testing.ts"

const urlOf = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href)
/** `parent`, and `listen` for what it says. */
const CHANNEL = `
  const { openParentChannel } = await import(${urlOf("./parent-channel.ts")})
  const listeners = []
  const parent = openParentChannel({
    onMessage: (message) => listeners.forEach((listener) => listener(message)), onClosed: () => process.exit(0) })
  const listen = (listener) => listeners.push(listener)
`

let home: TemporaryHome
const children: Child[] = []
beforeEach(async () => {
  home = await createTemporaryHome()
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL")
    await child.exited
  }
  await home[Symbol.asyncDispose]()
})

function start(source: string, options: Omit<ChildOptions, "entry"> = {}, world?: SandboxWorld): Child {
  const entry = join(home.paths.run, "entry.mjs")
  writeFileSync(entry, CHANNEL + source)
  const child = startChild({ entry, ...options }, world)
  children.push(child)
  return child
}

const nextMessage = (child: Child): Promise<unknown> => new Promise((settle) => child.onMessage(settle))

describe("messages", () => {
  test("keep their types both ways, in order", async () => {
    const child = start("listen((message) => parent.send({ echo: message }))")
    const sent = { big: 5n, bytes: new Uint8Array([1, 2]), date: new Date(0), map: new Map([["a", 1]]) }
    const answer = nextMessage(child)
    expect(child.send(sent)).toBe(true)
    expect(await answer).toEqual({ echo: sent })
  })

  test("sending to one that has ended is false, not an error", async () => {
    const child = start("process.exit(3)")
    expect(await child.exited).toEqual({ code: 3, signal: null })
    expect(child.send("x")).toBe(false)
  })

  test.each([
    ["an announced length without end", "Buffer.from([255, 255, 255, 255])", /a message of 4294967295 bytes/],
    ["a length of one byte more than allowed", `Buffer.from([1, 0, 64, 0])`, /a message of 4194305 bytes/],
    ["bytes that are no message", "Buffer.alloc(64, 2).fill(0, 2, 4)", /cannot be read/],
  ])("%s: killed and told, whatever follows", async (_name, bytes, told) => {
    const child = start(
      `import { writeSync } from "node:fs"
       const bytes = ${bytes}
       const flood = Buffer.alloc(1024 * 1024)
       listen(() => { for (;;) try { writeSync(3, bytes); for (;;) writeSync(3, flood) } catch (error) { if (error.code === "EPIPE") throw error } })`,
    )
    const messages: unknown[] = []
    const bad: string[] = []
    child.onMessage((message) => messages.push(message))
    child.onBadMessage((what) => bad.push(what))
    child.send("go")
    expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" })
    expect(bad).toEqual([expect.stringMatching(told)])
    expect(messages).toEqual([])
    expect(child.send("x")).toBe(false)
  })

  test("a larger one is taken while it is allowed", async () => {
    const child = start("listen((size) => parent.send(new Uint8Array(size)))")
    child.setMessageLimit(16 * 1024 * 1024)
    const answer = nextMessage(child)
    child.send(15 * 1024 * 1024)
    expect(await answer).toHaveLength(15 * 1024 * 1024)
    child.setMessageLimit(1_000)
    child.send(2_000)
    expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" })
  })

  test("extra pipes are descriptors 4, 5, …", async () => {
    const child = start(
      `import { readSync } from "node:fs"
       const read = (file) => { const buffer = Buffer.alloc(9); return buffer.toString("utf8", 0, readSync(file, buffer)) }
       listen(() => parent.send([read(4), read(5)]))`,
      { extraPipes: 2 },
    )
    child.pipe(0).write("four")
    child.pipe(1).write("five")
    const answer = nextMessage(child)
    child.send("read")
    expect(await answer).toEqual(["four", "five"])
    expect(() => child.pipe(2)).toThrow(/without extra pipe 2/)
  })
})

test("the environment is only what was given and what every program needs", async () => {
  const child = start("parent.send({ ...process.env })", { environment: { MODEL: "x" } })
  const names = Object.keys((await nextMessage(child)) as object)
  expect(names).toContain("MODEL")
  expect(names).toContain("PATH")
  expect(names).not.toContain("HOME")
  expect(names.filter((name) => /TOKEN|KEY|SECRET|PROXY|NODE_OPTIONS|npm_/i.test(name))).toEqual([])
})

test("arguments reach the entry and Node", async () => {
  const child = start("parent.send([process.argv.slice(2), process.execArgv])", {
    args: ["a b", "$HOME"],
    nodeArguments: ["--stack-size=1000"],
  })
  expect(await nextMessage(child)).toEqual([["a b", "$HOME"], ["--stack-size=1000"]])
})

describe("the end", () => {
  test("by a signal", async () => {
    const child = start("parent.send('up'); setInterval(() => {}, 1000)")
    await nextMessage(child)
    child.kill("SIGKILL")
    expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" })
  })

  test("of a program that could not be started", async () => {
    const find = (program: string) => (program === "unshare" ? "/nonexistent/unshare" : undefined)
    const world = { ...thisMachine(), platform: "linux", find, succeeds: () => true } as const
    const child = start("", {}, world)
    const lines: string[] = []
    child.onErrorLine((line) => lines.push(line))
    expect(await child.exited).toEqual({ code: null, signal: null })
    expect(child.pid).toBe(0)
    expect(lines.join()).toContain("could not be started")
    expect(child.send("x")).toBe(false)
    child.kill("SIGTERM")
  })

  test("of one whose own child keeps standard error open", async () => {
    const child = start(
      `import { spawn } from "node:child_process"
       spawn(process.execPath, ["-e", "setInterval(() => {}, 1_000)"], { stdio: ["ignore", "ignore", "inherit"] })
         .on("spawn", function () { parent.send(this.pid) })
       listen(() => process.exit(4))`,
    )
    const grandchild = (await nextMessage(child)) as number
    child.send("end")
    expect(await child.exited).toEqual({ code: 4, signal: null })
    process.kill(grandchild, "SIGKILL")
  })

  test("standard error arrives before it", async () => {
    const child = start("process.stderr.write('one\\ntwo'); process.exit(1)")
    const lines: string[] = []
    child.onErrorLine((line) => lines.push(line))
    expect(await child.exited).toEqual({ code: 1, signal: null })
    expect(lines).toEqual(["one", "two"])
  })
})

const isLinux = process.platform === "linux"
const hasSetpriv = thisMachine().find("setpriv") !== undefined

/** Resolves when the process is gone; the test's own time-out is the limit. */
async function gone(pid: number): Promise<void> {
  while (processIdentity(pid) !== undefined) await new Promise((settle) => setImmediate(settle))
}

// The kernel ends it also while it computes and does not see that its channel closed; that is setpriv's doing, on Linux only.
test.skipIf(!isLinux || !hasSetpriv)(
  "a child that computes is ended when its parent is killed (needs setpriv on Linux)",
  async () => {
    const entry = join(home.paths.run, "busy.mjs")
    writeFileSync(entry, `${CHANNEL}; parent.send(process.pid); for (;;) {}`)
    const parent = join(home.paths.run, "parent.mjs")
    writeFileSync(
      parent,
      `const { startChild } = await import(${urlOf("./start-child.ts")})
     const child = startChild({ entry: ${JSON.stringify(entry)} })
     child.onMessage((pid) => process.send(pid))
     setInterval(() => {}, 1000)`,
    )
    const process_ = fork(parent, [], { execArgv: [] })
    const [pid] = (await once(process_, "message")) as [number]
    expect(processIdentity(pid)).toBeDefined()
    process_.kill("SIGKILL")
    await gone(pid)
  },
)

describe.skipIf(!isLinux)("the sandbox (needs Linux)", () => {
  const report = `import { readFileSync, readlinkSync } from "node:fs"
    import { connect } from "node:net"
    const socket = connect(Number(process.argv[2]), "127.0.0.1")
    const tell = (reached) => parent.send({
      reached, space: readlinkSync("/proc/self/ns/net"), score: readFileSync("/proc/self/oom_score_adj", "utf8").trim() })
    socket.on("connect", () => tell(true)); socket.on("error", () => tell(false))`

  test("the level that is told is the one there is; the kernel takes the child first when memory runs out", async () => {
    const { createServer } = await import("node:net")
    const server = createServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as { port: number }
    try {
      const child = start(report, { args: [String(port)] })
      const told = (await nextMessage(child)) as { reached: boolean; space: string; score: string }
      expect(child.sandbox).toBe(probeSandbox())
      const isShut = child.sandbox !== "none"
      expect(told.reached).toBe(!isShut)
      expect(told.space !== readlinkSync("/proc/self/ns/net")).toBe(isShut)
      expect(told.score).toBe("500")

      const open = start(report, { args: [String(port)], sandbox: "none" })
      expect(open.sandbox).toBe("none")
      expect(await nextMessage(open)).toMatchObject({
        reached: true,
        space: readlinkSync("/proc/self/ns/net"),
      })
    } finally {
      server.close()
    }
  })

  // FIRESIDE_TEST_BWRAP names a bubblewrap that is not installed where programs are.
  const bubblewrap = process.env.FIRESIDE_TEST_BWRAP ?? thisMachine().find("bwrap")
  const works =
    bubblewrap !== undefined && spawnSync(bubblewrap, ["--ro-bind", "/", "/", "true"]).status === 0
  test.skipIf(!works)(
    "with bubblewrap files are read-only, except the named folders (needs bwrap)",
    async () => {
      const machine = thisMachine()
      const world = {
        ...machine,
        find: (name: string) => (name === "bwrap" ? bubblewrap : machine.find(name)),
      }
      const child = start(
        `import { readFileSync, writeFileSync } from "node:fs"
       const attempt = (path) => { try { writeFileSync(path, "x"); return "written" } catch (error) { return error.code } }
       parent.send([attempt(process.argv[2] + "/x"), attempt(process.argv[3] + "/x"), readFileSync("/proc/self/oom_score_adj", "utf8").trim()])`,
        { args: [home.paths.adapters, home.paths.blobs], writable: [home.paths.adapters] },
        world,
      )
      expect(child.sandbox).toBe("full")
      expect(await nextMessage(child)).toEqual(["written", "EROFS", "500"])
      expect(readFileSync(join(home.paths.adapters, "x"), "utf8")).toBe("x")
    },
  )
})
