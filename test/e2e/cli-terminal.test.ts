// Chats at a terminal: real processes, the echo engine, a data folder of their own.
import { writeFile } from "node:fs/promises"
import { describe, expect, test } from "vitest"
import { type Fireside, HAS_PYTHON, useFireside } from "./fireside.ts"

let fireside: Fireside
useFireside((made) => {
  fireside = made
})

const json = (text: string): unknown => JSON.parse(text)
const ECHO = ["--engine", "echo"]

// Without python3 there is no pseudo-terminal here; the session itself is tested with fake streams in the package.
describe.runIf(HAS_PYTHON)("ps and stop across processes", () => {
  const running = async (): Promise<readonly Record<string, unknown>[]> =>
    json((await fireside.call(["ps", "--json"])).out) as Record<string, unknown>[]

  test("a chat's model is listed, stopped from elsewhere, and loaded again at the next question", async () => {
    const stopped = `${fireside.home}-stopped`
    const chat = fireside.type(
      [...ECHO, "run", "echo"],
      [
        ["› ", "one\r"],
        ["one\r\n\r\n", ""],
        [`@file:${stopped}`, "two\r"],
        ["two\r\n\r\n", "\x04"],
      ],
    )
    let models = await running()
    while (models.length === 0) models = await running()
    expect(models).toEqual([
      {
        name: "echo",
        digest: "",
        sizeBytes: expect.any(Number),
        // It has no process of its own.
        memoryBytes: null,
        processor: expect.any(String),
        contextLength: expect.any(Number),
        expiresAt: expect.stringMatching(/^\d{4}-/),
        pid: expect.any(Number),
        streams: expect.any(Number),
        queued: 0,
      },
    ])
    expect((await fireside.call(["ps"])).out).toMatch(
      /^NAME +ID +SIZE +MEMORY +PROCESSOR +CONTEXT +UNTIL\necho /,
    )
    expect(await fireside.call(["stop", "echo"])).toMatchObject({ exitCode: 0, err: "Unloaded echo.\n" })
    expect(await running()).toEqual([])
    expect(await fireside.call(["stop", "echo"])).toMatchObject({ exitCode: 1 })
    await writeFile(stopped, "")
    expect(await chat).toMatchObject({ exitCode: 0 })
  })
})

describe.runIf(HAS_PYTHON)("on a terminal", () => {
  test("a chat: a question, the history, a command, and out", async () => {
    const { exitCode, output } = await fireside.type(
      [...ECHO, "run", "echo"],
      [
        ["› ", "hello there\r"],
        ["hello there\r\n\r\n", "\x1b[A\r"],
        ["› ", "/show context\r"],
        ["tokens are used", "\x04"],
      ],
    )
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 })
    expect(output.split("hello there").length).toBeGreaterThanOrEqual(5)
  })

  test("Ctrl-C at the empty prompt, twice, leaves with 130 and gives the terminal back", async () => {
    const { exitCode, output } = await fireside.type(
      [...ECHO, "run", "echo"],
      [
        ["› ", "\x03"],
        ["again leaves", "\x03"],
      ],
    )
    expect(exitCode).toBe(130)
    expect(output).toContain("\x1b[?2004l")
  })

  test("control characters of the answer do not reach the terminal", async () => {
    const { output } = await fireside.type([...ECHO, "run", "echo", "a\x1b]52;c;eA==\x07b"], [])
    expect(output).toContain("ab\r\n")
    expect(output).not.toContain("\x1b]52")
  })

  test("the first run asks; no is an answer", async () => {
    const { exitCode, output } = await fireside.type(["run"], [["Download it", "n"]])
    expect(exitCode).toBe(130)
    expect(output).toContain("Welcome to Fireside.")
    expect(output).toContain("Licence")
  })
})
