// Work that reports by calling, read as a stream of events. Whoever stops reading stops the work.

/** Runs `work` when the first event is asked for; ends when it ends, throws what it throws. */
export async function* streamEvents<Event>(
  work: (emit: (event: Event) => void, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<Event, void, undefined> {
  const stop = new AbortController()
  const queue: Event[] = []
  let wake = Promise.withResolvers<void>()
  let ended = false
  const emit = (event: Event): void => {
    queue.push(event)
    wake.resolve()
  }
  const running = work(emit, AbortSignal.any([signal, stop.signal])).finally(() => {
    ended = true
    wake.resolve()
  })
  // It is awaited below in every case; until then nobody else may call it unhandled.
  running.catch(() => {})
  try {
    while (!ended || queue.length > 0) {
      const event = queue.shift()
      if (event !== undefined) {
        yield event
        continue
      }
      await wake.promise
      wake = Promise.withResolvers<void>()
    }
  } finally {
    stop.abort()
    if (ended) await running
    // The reader has gone: the work is waited for, so that nothing runs behind its back; its end interests nobody.
    else await running.catch(() => {})
  }
}
