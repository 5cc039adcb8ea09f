// How often something that changes all the time is drawn: once a frame at most, and less where drawing takes long. Pure.

/** Drawing may take so much of the time; the rest is for keys, scrolling and the other streams. */
const DRAWING_SHARE = 0.25

export interface DrawPaceOptions {
  readonly draw: () => void
  /** Calls back before the next frame. */
  readonly onFrame: (callback: () => void) => unknown
  /** Milliseconds that only grow. */
  readonly now: () => number
}

export interface DrawPace {
  /** There is something new. */
  ask(): void
  /** At once, whatever it costs. */
  drawNow(): void
}

export function createDrawPace({ draw, onFrame, now }: DrawPaceOptions): DrawPace {
  let isAsked = false
  let restsUntilMs = 0
  const drawNow = () => {
    isAsked = false
    const sinceMs = now()
    draw()
    // What a change of state leads to happens in a microtask before this one.
    queueMicrotask(() => {
      const nowMs = now()
      restsUntilMs = nowMs + (nowMs - sinceMs) * (1 / DRAWING_SHARE - 1)
    })
  }
  const drawWhenRested = () => {
    if (!isAsked) return
    if (now() < restsUntilMs) onFrame(drawWhenRested)
    else drawNow()
  }
  return {
    ask() {
      if (isAsked) return
      isAsked = true
      onFrame(drawWhenRested)
    },
    drawNow,
  }
}
