// How many processors other programs use, seen while nothing of ours runs.
import { cpus } from "node:os"

/** Long enough for the system's counting in hundredths of a second. */
const WINDOW_MS = 150

/** Processors in use during a short window: 0 on an idle machine, 1.5 with one and a half of them busy. */
export async function foreignUse(): Promise<number> {
  const before = times()
  await new Promise((resolve) => setTimeout(resolve, WINDOW_MS))
  const after = times()
  const whole = after.whole - before.whole
  return whole <= 0 ? 0 : ((after.busy - before.busy) / whole) * cpus().length
}

function times(): { busy: number; whole: number } {
  let busy = 0
  let idle = 0
  for (const cpu of cpus()) {
    busy += cpu.times.user + cpu.times.nice + cpu.times.sys + cpu.times.irq
    idle += cpu.times.idle
  }
  return { busy, whole: busy + idle }
}
