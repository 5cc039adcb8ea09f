// The program of an engine's process: one model, one main loop, no network. It ends with its parent.
import { openParentChannel } from "@fireside/host/parent-channel"
import type { FromChild, ToChild } from "./messages.ts"
import { createReadable } from "./native/readable.ts"
import { Session } from "./session.ts"

const parent = openParentChannel({
  // Only the parent writes to this channel, and it is the same version of the same program.
  onMessage: (message) => session.handle(message as ToChild),
  onClosed: () => process.exit(0),
})
const session = new Session({
  send: (message: FromChild) => parent.send(message),
  hasMessage: createReadable(parent.fd),
  // Other threads may be computing: nothing here is worth an orderly end.
  exit: () => process.kill(process.pid, "SIGKILL"),
})
