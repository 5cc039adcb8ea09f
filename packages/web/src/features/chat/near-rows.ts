// Rows of a long thread are drawn whole when the reader comes near them; until then each is its text.
import { createContext, useContext, useEffect, useRef, useState } from "react"
import { flushSync } from "react-dom"

/** So far from what is in sight a row is whole already: about two screens. */
const NEAR = "1600px 0px"

/** Calls back once, when the row comes near; gives what ends the watch. */
export type WatchRow = (row: Element, onNear: () => void) => () => void

export const NearRows = createContext<WatchRow>((_row, onNear) => {
  onNear()
  return () => {}
})

/** One observer for all rows of what `scroller` gives. */
export function createRowWatch(scroller: () => Element | null): WatchRow {
  const waiting = new Map<Element, () => void>()
  let observer: IntersectionObserver | undefined
  const observe = () =>
    new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) if (isIntersecting) waiting.get(target)?.()
      },
      { root: scroller(), rootMargin: NEAR },
    )
  return (row, onNear) => {
    observer ??= observe()
    waiting.set(row, onNear)
    observer.observe(row)
    return () => {
      waiting.delete(row)
      observer?.unobserve(row)
    }
  }
}

/** `isNearNow`: known without looking, as of the last rows of a thread that opens at its end. */
export function useNear(isNearNow: boolean) {
  const watch = useContext(NearRows)
  const row = useRef<HTMLDivElement>(null)
  const [isNear, setNear] = useState(isNearNow)
  useEffect(() => {
    if (isNear || row.current === null) return
    const stop = watch(row.current, () => setNear(true))
    // On paper everything is in sight.
    const onPrint = () => flushSync(() => setNear(true))
    window.addEventListener("beforeprint", onPrint)
    return () => {
      stop()
      window.removeEventListener("beforeprint", onPrint)
    }
  }, [isNear, watch])
  return { row, isNear }
}
