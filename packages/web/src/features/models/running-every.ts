/** How often this screen looks what is in memory. */
export const RUNNING_EVERY_MS = 2_000
