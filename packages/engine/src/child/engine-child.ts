// The program of an engine's process: one model, one main loop, no network. It ends with its parent.
import type { FromChild, ToChild } from "./messages.ts"
import { Session } from "./session.ts"

const session = new Session({
  send: (message: FromChild) => void process.send?.(message),
  // Other threads may be computing: nothing here is worth an orderly end.
  exit: () => process.kill(process.pid, "SIGKILL"),
})
// Only the parent writes to this channel, and it is the same version of the same program.
process.on("message", (message) => session.handle(message as ToChild))
process.on("disconnect", () => process.exit(0))
