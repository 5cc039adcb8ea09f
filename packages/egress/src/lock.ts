// The lock: one row that says whether anything may leave, and the hosts of the allow-list.
import type { Clock, Database } from "@fireside/host"
import type { LockState } from "@fireside/protocol"

export interface Lock {
  state(): LockState
  set(state: LockState): void
  allowedHosts(): readonly string[]
  allow(host: string): void
  /** False for one that was not on the list. */
  disallow(host: string): boolean
}

/** Until somebody chooses: what the user asks for may leave, nothing else is ever sent. */
const DEFAULT_STATE: LockState = "ask"

export function createLock(database: Database, clock: Clock): Lock {
  const stamp = () => new Date(clock.now()).toISOString()
  return {
    state: () =>
      database.get<{ lock: LockState }>("SELECT lock FROM privacy_state WHERE id = 1")?.lock ?? DEFAULT_STATE,
    set(state) {
      database.run(
        `INSERT INTO privacy_state (id, lock, changed_at) VALUES (1, ?, ?)
          ON CONFLICT (id) DO UPDATE SET lock = excluded.lock, changed_at = excluded.changed_at`,
        state,
        stamp(),
      )
    },
    allowedHosts: () =>
      database.all<{ host: string }>("SELECT host FROM allowed_host ORDER BY host").map(({ host }) => host),
    allow(host) {
      database.run(
        "INSERT INTO allowed_host (host, added_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
        host.toLowerCase(),
        stamp(),
      )
    },
    disallow: (host) =>
      database.run("DELETE FROM allowed_host WHERE host = ?", host.toLowerCase()).changes > 0,
  }
}
