// Where the server may listen with what protection. Anything but loopback needs keys and encryption, or the start is refused.
import { BlockList, isIP } from "node:net"
import { AppError } from "@fireside/protocol"
import type { TlsChoice } from "../server.ts"

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4")
LOOPBACK.addAddress("::1", "ipv6")

/** An address, or `localhost`. Other names may lead anywhere. */
export function isLoopback(host: string): boolean {
  if (host === "localhost") return true
  const address = host.replace(/^::ffff:/i, "")
  const family = isIP(address)
  return family !== 0 && LOOPBACK.check(address, family === 4 ? "ipv4" : "ipv6")
}

export interface Bind {
  readonly host: string
  readonly tls: TlsChoice
  readonly hasKeys: boolean
}

/** Throws `refused-by-configuration` (exit 78) with the three ways to fix it. */
export function checkBind({ host, tls, hasKeys }: Bind): void {
  if (isLoopback(host)) return
  const missing = [...(hasKeys ? [] : ["a key"]), ...(tls.type === "none" ? ["encryption"] : [])]
  if (missing.length === 0) return
  throw new AppError("refused-by-configuration", {
    message: `Listening on ${host} opens the server to others, and it has no ${missing.map((it) => it.replace(/^a /, "")).join(" and no ")}.`,
    hint: [
      "Choose one:",
      "  1. Stay on this computer:           fireside serve --host 127.0.0.1",
      `  2. Key and own certificate:         fireside key create --name NAME; fireside serve --host ${host} --self-signed`,
      "                                      (or --tls-certificate FILE --tls-key FILE)",
      `  3. Key, behind a proxy or tunnel:   fireside key create --name NAME; fireside serve --host ${host} --without-tls`,
    ].join("\n"),
    details: { host, missing },
  })
}
