// What several commands take as the value of a flag. Commander's parsers say what is wrong; the usage line follows.
import { InvalidArgumentError } from "commander"

/** A parser of whole numbers from `least` on. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`It is a whole number from ${least} on.`)
  }
}

/** A flag that may be repeated. */
export const collected = (text: string, all: readonly string[] = []): readonly string[] => [...all, text]
