// Home Assistant puts the time in front of its system prompt, so that the long list of devices after it would be computed anew each second.

const CLOCK = /^Current time is \d{1,2}:\d{2}:\d{2}\. Today's date is \d{4}-\d{2}-\d{2}\.\r?\n/

/** The text with the clock's line at its end; the same text when it does not begin with one, or is nothing else. */
export function moveClock(text: string): string {
  const clocks: string[] = []
  let rest = text
  // Every line of the kind, so that moving what was moved changes nothing.
  for (let found = CLOCK.exec(rest); found !== null; found = CLOCK.exec(rest)) {
    clocks.push(found[0].trimEnd())
    rest = rest.slice(found[0].length)
  }
  if (clocks.length === 0 || isClock(rest)) return text
  return [rest, ...clocks].join("\n")
}

/** An empty rest too: there would be nothing to put in front. */
function isClock(rest: string): boolean {
  return rest === "" || CLOCK.test(`${rest}\n`)
}
