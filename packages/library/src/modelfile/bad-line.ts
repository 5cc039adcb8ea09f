// The one error of a Modelfile: which line, what is wrong with it, what would be right.
import { AppError } from "@fireside/protocol"

export function badLine(line: number, wrong: string, accepted: string): AppError {
  return new AppError("bad-request", {
    message: `Line ${line} of the Modelfile: ${wrong}`,
    hint: accepted,
    details: { line },
  })
}

/** A piece of the user's text for a message: short, on one line. */
export function shown(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}]+/gu, " ")
  return JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line)
}
