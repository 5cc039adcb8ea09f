// The lines of an examination, those of one look together, what needs somebody first.
import type { DoctorReport } from "@fireside/protocol"

type Check = DoctorReport["checks"][number]

export interface DoctorGroup {
  readonly id: string
  readonly verdict: "fine" | "warning" | "problem"
  readonly checks: readonly Check[]
}

export function doctorGroups({ checks }: DoctorReport): readonly DoctorGroup[] {
  const groups = new Map<string, Check[]>()
  for (const check of checks) groups.set(check.id, [...(groups.get(check.id) ?? []), check])
  const all = [...groups].map(([id, list]) => ({ id, verdict: verdictOf(list), checks: list }))
  const order = ["problem", "warning", "fine"] as const
  return order.flatMap((verdict) => all.filter((group) => group.verdict === verdict))
}

function verdictOf(checks: readonly Check[]): DoctorGroup["verdict"] {
  const bad = checks.filter(({ ok }) => !ok)
  if (bad.some(({ level }) => level === "error")) return "problem"
  return bad.length > 0 ? "warning" : "fine"
}
