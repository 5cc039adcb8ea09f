import { useEffect, useState } from "react"

/** More than a window shows of an answer. */
const AT_FIRST = 24
/** So many blocks are made in a few milliseconds. */
const MORE_EACH_FRAME = 6

/** Goes up to `count` frame by frame, so that a text that comes at once does not hold the page up. What grows slowly is not delayed. */
export function useGradualCount(count: number): number {
  const [upTo, setUpTo] = useState(AT_FIRST)
  const shown = Math.min(count, upTo)
  useEffect(() => {
    if (shown + MORE_EACH_FRAME <= upTo) return
    const frame = requestAnimationFrame(() => setUpTo(shown + MORE_EACH_FRAME))
    return () => cancelAnimationFrame(frame)
  }, [shown, upTo])
  return shown
}
