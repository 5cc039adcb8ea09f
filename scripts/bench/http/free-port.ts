// A port on loopback that nobody listens on now.
import { once } from "node:events"
import { createServer } from "node:net"

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1")
  await once(probe, "listening")
  const address = probe.address()
  probe.close()
  if (address === null || typeof address === "string") throw new Error("no free port on loopback")
  return address.port
}
