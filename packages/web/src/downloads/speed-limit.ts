// How fast downloads may be, as this browser remembers it.
import { create } from "zustand"
import { persist } from "zustand/middleware"

/** Bytes a second; 0 is no limit. */
export const SPEED_LIMITS = [0, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 25_000_000] as const

/** What the server is asked for. */
export const wishedLimit = (bytesPerSecond: number): { readonly limitBytesPerSecond?: number } =>
  bytesPerSecond > 0 ? { limitBytesPerSecond: bytesPerSecond } : {}

export interface SpeedLimit {
  readonly bytesPerSecond: number
  change(bytesPerSecond: number): void
}

export const useSpeedLimit = create<SpeedLimit>()(
  persist((set) => ({ bytesPerSecond: 0, change: (bytesPerSecond) => set({ bytesPerSecond }) }), {
    name: "fireside-speed-limit",
  }),
)
