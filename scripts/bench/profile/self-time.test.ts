import { expect, test } from "vitest"
import { selfTimeByOwner } from "./self-time.ts"

test("samples are summed by the package that owns the code", () => {
  const node = (id: number, functionName: string, url: string) => ({ id, callFrame: { functionName, url } })
  const profile = {
    nodes: [
      node(1, "(idle)", ""),
      node(2, "read", "node:fs"),
      node(3, "run", "file:///x/packages/cli/src/commands/run.ts"),
      node(4, "parse", "file:///x/node_modules/zod/index.js"),
      node(5, "load", "file:///x/node_modules/@scope/name/a/b.js"),
      node(6, "wait", "file:///x/node_modules/@fireside/host/packages/host/src/a.ts"),
      node(7, "main", "file:///x/dist/program.js"),
    ],
    samples: [1, 2, 3, 3, 4, 5, 6, 7, 99],
    timeDeltas: [9_000, 1_000, 2_000, 3_000, 500, 400, 300, 200, 100],
  }
  expect(selfTimeByOwner(profile)).toEqual([
    { owner: "(idle)", selfMs: 9 },
    { owner: "packages/cli", selfMs: 5 },
    { owner: "node", selfMs: 1 },
    { owner: "zod", selfMs: 0.5 },
    { owner: "@scope/name", selfMs: 0.4 },
    { owner: "packages/host", selfMs: 0.3 },
    { owner: "dist/program.js", selfMs: 0.2 },
    { owner: "unknown", selfMs: 0.1 },
  ])
})
