// The lock and the ledger as use cases. Looking at them makes no data folder: without a database nothing was locked and nothing was sent.
import { AppError } from "@fireside/protocol"
import type { Privacy } from "./app.ts"
import type { Parts } from "./parts.ts"

export function createPrivacy(parts: Parts): Privacy {
  return {
    async status() {
      if (await parts.hasDatabase()) return (await parts.egress()).status()
      const { probeSandbox } = await import("@fireside/host")
      return {
        lock: parts.isOffline ? "locked" : "ask",
        sandbox: probeSandbox(),
        entries: 0,
        lastEntry: null,
      }
    },
    async setLock(state) {
      await (await parts.egress()).setLock(state)
    },
    async allowedHosts() {
      return (await parts.hasDatabase()) ? (await parts.egress()).allowedHosts() : []
    },
    async allowHost(host) {
      await (await parts.egress()).allowHost(host)
    },
    async disallowHost(host) {
      const wasListed = (await parts.hasDatabase()) && (await (await parts.egress()).disallowHost(host))
      if (!wasListed)
        throw new AppError("not-found", {
          message: `${host} is not on the list of hosts that may be reached.`,
          hint: "GET /api/fireside/v1/lock shows the list.",
        })
    },
    async ledger() {
      return (await parts.hasDatabase()) ? (await parts.egress()).ledger() : []
    },
    async verify() {
      return (await parts.hasDatabase()) ? (await parts.egress()).verifyLedger() : null
    },
  }
}
