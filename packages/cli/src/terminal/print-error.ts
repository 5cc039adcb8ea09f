// How an error reaches the user: one or two lines with what happened and what to do, or one line of JSON.
import { ERROR_CODES, type ErrorBody } from "@fireside/protocol"
import type { Io } from "./io.ts"
import { stripEscapes, toJsonLine } from "./strip-escapes.ts"

export interface PrintErrorOptions {
  readonly json: boolean
  /** Folder of the log, once it is known; internal errors name it. */
  readonly logs: string | undefined
  /** Shows what another program said, where one failed. */
  readonly verbose: boolean
}

/** Prints the error on standard error and returns the exit code for it. */
export function printError(io: Io, body: ErrorBody, { json, logs, verbose }: PrintErrorOptions): number {
  const { exitCode } = ERROR_CODES[body.code]
  if (json) {
    const { code, message, hint } = withLog(body, logs)
    io.err(toJsonLine({ error: { code, message, ...(hint === undefined ? {} : { hint }) } }))
    return exitCode
  }
  if (body.code === "interrupted") return exitCode
  const { message, hint } = withLog(body, logs)
  const { red, dim } = io.errColours
  io.err(`${red("error:")} ${stripEscapes(message)}\n`)
  if (hint !== undefined && hint !== "") io.err(`${dim(stripEscapes(hint))}\n`)
  if (verbose) for (const line of outputOf(body)) io.err(`${dim(stripEscapes(`  ${line}`))}\n`)
  return exitCode
}

function outputOf({ details }: ErrorBody): readonly string[] {
  const output = details?.output
  return Array.isArray(output) ? output.map(String) : []
}

function withLog(body: ErrorBody, logs: string | undefined): ErrorBody {
  if (body.code !== "internal") return body
  return {
    code: body.code,
    message: `Something went wrong inside Fireside: ${body.message}`,
    hint: logs === undefined ? "Please report it." : `The log has the details: ${logs}`,
  }
}
