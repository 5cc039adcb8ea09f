import { expect, test } from "vitest"
import { runTool } from "./run-tool.ts"

const never = new AbortController().signal
const node = (code: string, options = {}, signal = never) =>
  runTool(process.execPath, ["-e", code], options, signal)

test("gives standard output, and lines of standard error as they come", async () => {
  const lines: string[] = []
  const output = await node('console.log("out"); console.error("one\\ntwo")', {
    onLine: (line: string) => lines.push(line),
  })
  expect(output).toBe("out\n")
  expect(lines).toEqual(["one", "two"])
})

test("a failure has the code and the last lines", async () => {
  await expect(node('console.error("a\\nb\\nc\\nd"); process.exit(3)')).rejects.toThrow(
    "ended with 3: b / c / d",
  )
  await expect(runTool("no-such-program-here", [], {}, never)).rejects.toThrow("ENOENT")
})

test("is ended when it takes too long, or when nobody wants it any more", async () => {
  await expect(node("setInterval(() => {}, 1000)", { timeoutMs: 50 })).rejects.toThrow("longer than 50 ms")
  const stop = new AbortController()
  const running = node(
    'console.error("up"); setInterval(() => {}, 1000)',
    { onLine: () => stop.abort() },
    stop.signal,
  )
  await expect(running).rejects.toThrow("abort")
})
