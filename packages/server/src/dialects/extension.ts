// What we add to an answer in another API's words: one field of ours, so that nobody takes it for theirs.
import type { Dropped } from "@fireside/protocol"

export interface Extension {
  readonly fireside?: {
    /** What an overflow policy left out of the conversation. */
    readonly dropped?: Dropped
    readonly notices?: readonly string[]
  }
}

/** Empty when there is nothing to say, so that strict clients see the other API's words only. */
export function extension(said: {
  readonly dropped?: Dropped | undefined
  readonly notices?: readonly string[]
}): Extension {
  const { dropped, notices = [] } = said
  if (dropped === undefined && notices.length === 0) return {}
  return {
    fireside: {
      ...(dropped === undefined ? {} : { dropped }),
      ...(notices.length === 0 ? {} : { notices: [...new Set(notices)] }),
    },
  }
}
