import type { DoctorReport } from "@fireside/protocol"
import { expect, test } from "vitest"
import { doctorGroups } from "./doctor-groups.ts"

test("lines of one look are together, what needs somebody first", () => {
  const checks: DoctorReport["checks"] = [
    { id: "memory", ok: true, level: "info", message: "1" },
    { id: "disk", ok: false, level: "warning", message: "2" },
    { id: "memory", ok: true, level: "info", message: "3" },
    { id: "engine", ok: false, level: "error", message: "4" },
    { id: "engine", ok: true, level: "info", message: "5" },
  ]
  const groups = doctorGroups({ ok: false, checks })
  expect(groups.map(({ id, verdict, checks: lines }) => [id, verdict, lines.length])).toEqual([
    ["engine", "problem", 2],
    ["disk", "warning", 1],
    ["memory", "fine", 2],
  ])
  expect(doctorGroups({ ok: true, checks: [] })).toEqual([])
})
