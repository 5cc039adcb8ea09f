// What an overflow policy left out, as a header: there whatever form the body has.
import type { Dropped } from "@fireside/protocol"

/** `fireside-dropped: drop-oldest; messages=4; tokens=812`; nothing when nothing was left out. */
export function droppedHeader(dropped: Dropped | undefined): Readonly<Record<string, string>> {
  if (dropped === undefined) return {}
  const { policy, messages, tokens } = dropped
  return { "fireside-dropped": `${policy}; messages=${messages}; tokens=${tokens}` }
}
