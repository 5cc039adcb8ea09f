// The one error class a user can meet, and the one table of codes. Dialects and exit codes are derived from it.

/** HTTP status, process exit code, whether the same request may succeed later, and the meaning in one sentence. */
export interface ErrorCodeFacts {
  readonly status: number
  readonly exitCode: number
  readonly retryable: boolean
  readonly meaning: string
}

const define = <T extends Record<string, ErrorCodeFacts>>(table: T): Readonly<T> => Object.freeze(table)

export const ERROR_CODES = define({
  "bad-request": {
    status: 400,
    exitCode: 2,
    retryable: false,
    meaning: "A value in the request has the wrong type, range or form.",
  },
  usage: {
    status: 400,
    exitCode: 2,
    retryable: false,
    meaning: "The command was called with a flag or argument it does not have.",
  },
  unsupported: {
    status: 400,
    exitCode: 1,
    retryable: false,
    meaning: "The request asks for something this model or build cannot do.",
  },
  "cannot-be-deterministic": {
    status: 422,
    exitCode: 1,
    retryable: false,
    meaning:
      "The model, its file or the processor cannot promise the same text for the same input; what stands in the way is named.",
  },
  "context-overflow": {
    status: 400,
    exitCode: 1,
    retryable: false,
    meaning: "The prompt has more tokens than the context holds. Nothing was cut.",
  },
  "bad-grammar": {
    status: 400,
    exitCode: 1,
    retryable: false,
    meaning: "A grammar or JSON schema cannot be enforced as given.",
  },
  "bad-template": {
    status: 422,
    exitCode: 1,
    retryable: false,
    meaning: "The model's chat template failed, or went over its limits.",
  },
  "bad-model-file": {
    status: 422,
    exitCode: 1,
    retryable: false,
    meaning: "The model file breaks a rule of its format; the rule and the offset are named.",
  },
  "bad-reference": {
    status: 400,
    exitCode: 2,
    retryable: false,
    meaning: "The model name is not of the form that names have.",
  },
  "model-not-found": {
    status: 404,
    exitCode: 1,
    retryable: false,
    meaning: "No model of that name is in the library or the catalogue.",
  },
  "program-missing": {
    status: 500,
    exitCode: 69,
    retryable: false,
    meaning: "A program that is to be started is not installed, or not where programs are looked for.",
  },
  "model-unavailable": {
    status: 502,
    exitCode: 69,
    retryable: true,
    meaning: "The model is not in the library and no source could give it.",
  },
  "model-quarantined": {
    status: 503,
    exitCode: 1,
    retryable: true,
    meaning: "The model crashed too often in a short time and is kept from loading.",
  },
  "model-in-use": {
    status: 409,
    exitCode: 75,
    retryable: true,
    meaning: "The model is loaded or being downloaded by another process.",
  },
  "worse-copy": {
    status: 409,
    exitCode: 1,
    retryable: false,
    meaning:
      "The converted copy of a model is no faster here, or says other things than its original; it was not kept.",
  },
  "load-failed": {
    status: 500,
    exitCode: 1,
    retryable: false,
    meaning: "The native library refused to load the model.",
  },
  "memory-refused": {
    status: 507,
    exitCode: 1,
    retryable: false,
    meaning: "The plan needs more memory than the machine allows; numbers and what would fit are given.",
  },
  "engine-crashed": {
    status: 502,
    exitCode: 1,
    retryable: true,
    meaning: "The engine's process ended while it was answering. It restarts by itself.",
  },
  "engine-hung": {
    status: 504,
    exitCode: 1,
    retryable: true,
    meaning: "The engine's process stopped answering and was ended.",
  },
  "engine-missing": {
    status: 500,
    exitCode: 1,
    retryable: false,
    meaning: "The native library for this platform is missing or does not match.",
  },
  "licence-not-accepted": {
    status: 403,
    exitCode: 78,
    retryable: false,
    meaning: "The model's licence must be accepted first.",
  },
  "consent-needed": {
    status: 403,
    exitCode: 78,
    retryable: false,
    meaning: "The command must ask, but there is no terminal; the message names the flag that answers.",
  },
  "network-locked": {
    status: 403,
    exitCode: 69,
    retryable: false,
    meaning: "The privacy lock forbids this connection. Nothing was sent.",
  },
  "network-blocked": {
    status: 403,
    exitCode: 69,
    retryable: false,
    meaning: "The address is not one that may be reached (private, loopback or link-local).",
  },
  "network-failed": {
    status: 502,
    exitCode: 69,
    retryable: true,
    meaning: "The other side could not be reached or broke off.",
  },
  "bad-response": {
    status: 502,
    exitCode: 69,
    retryable: true,
    meaning: "The other side answered with something that is not what was asked for.",
  },
  "digest-mismatch": {
    status: 502,
    exitCode: 1,
    retryable: true,
    meaning: "The downloaded bytes do not have the expected sha256. They were thrown away.",
  },
  "disk-full": {
    status: 507,
    exitCode: 73,
    retryable: true,
    meaning: "The disk has too little room; bytes needed and free are given. Partial downloads are kept.",
  },
  "cache-off": {
    status: 409,
    exitCode: 78,
    retryable: false,
    meaning: "Computed prefixes are not kept on disk, so nothing can be computed ahead.",
  },
  "cannot-write": {
    status: 500,
    exitCode: 73,
    retryable: false,
    meaning: "A file or folder of the data folder cannot be written.",
  },
  "corrupt-data": {
    status: 500,
    exitCode: 1,
    retryable: false,
    meaning: "Stored data does not match its checksum.",
  },
  unauthorised: {
    status: 401,
    exitCode: 78,
    retryable: false,
    meaning: "A key is missing, unknown or revoked.",
  },
  forbidden: {
    status: 403,
    exitCode: 78,
    retryable: false,
    meaning: "The key is valid, but not for this: its scopes or its models do not cover the request.",
  },
  "foreign-request": {
    status: 403,
    exitCode: 1,
    retryable: false,
    meaning: "The request came from a page or under a host name that this server does not serve.",
  },
  "rate-limited": {
    status: 429,
    exitCode: 75,
    retryable: true,
    meaning: "The key has used up what it may use for now; Retry-After says for how long.",
  },
  overloaded: {
    status: 503,
    exitCode: 75,
    retryable: true,
    meaning: "The queue of waiting requests is full; Retry-After says when to come again.",
  },
  "shutting-down": {
    status: 503,
    exitCode: 75,
    retryable: true,
    meaning: "The server is stopping and takes no new requests.",
  },
  "body-too-large": {
    status: 413,
    exitCode: 1,
    retryable: false,
    meaning: "The request's body is larger, deeper or longer than its route takes.",
  },
  "unsupported-media-type": {
    status: 415,
    exitCode: 1,
    retryable: false,
    meaning: "The request's body is not of the type or encoding that its route reads.",
  },
  "method-not-allowed": {
    status: 405,
    exitCode: 1,
    retryable: false,
    meaning: "The path exists, but not for this method.",
  },
  "already-exists": {
    status: 409,
    exitCode: 1,
    retryable: false,
    meaning: "There is something of that name or id already, and it is not overwritten.",
  },
  held: { status: 409, exitCode: 75, retryable: true, meaning: "Another process holds this; it is named." },
  "refused-by-configuration": {
    status: 403,
    exitCode: 78,
    retryable: false,
    meaning: "The configuration forbids this.",
  },
  "bad-config": {
    status: 500,
    exitCode: 78,
    retryable: false,
    meaning: "A setting has a value it cannot have.",
  },
  interrupted: { status: 499, exitCode: 130, retryable: true, meaning: "The work was stopped by its owner." },
  "not-found": {
    status: 404,
    exitCode: 1,
    retryable: false,
    meaning: "There is nothing of that name or id.",
  },
  internal: {
    status: 500,
    exitCode: 1,
    retryable: false,
    meaning: "A mistake of ours. The log has the details.",
  },
})

export type ErrorCode = keyof typeof ERROR_CODES

export interface AppErrorOptions {
  /** What happened, to what. */
  readonly message: string
  /** What to do next. */
  readonly hint?: string
  /** Machine-readable facts: numbers, names, offsets. Never prompts or documents. */
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** An error that a user can meet. A plain `Error` is a mistake of ours. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, options: AppErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = "AppError"
    this.code = code
    this.hint = options.hint
    this.details = options.details ?? {}
  }
}

/** The wire form of an error: what `--json` prints and what streams carry. */
export interface ErrorBody {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
  readonly details?: Readonly<Record<string, unknown>>
}

/** Turns anything thrown into its wire form. What is not an `AppError` becomes `internal`. */
export function toErrorBody(error: unknown): ErrorBody {
  if (error instanceof AppError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(Object.keys(error.details).length === 0 ? {} : { details: error.details }),
    }
  }
  if (error instanceof Error && error.name === "AbortError")
    return { code: "interrupted", message: "The work was stopped." }
  return { code: "internal", message: error instanceof Error ? error.message : String(error) }
}

/** An error as a schema reads it: what is absent may be undefined, and other fields may stand beside. */
export interface ErrorFields {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** What an `error` event says, without its type. */
export function errorBody({ code, message, hint, details }: ErrorFields): ErrorBody {
  return {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
  }
}

/** The inverse of `toErrorBody`, for errors that crossed a process border or came as an event. */
export function fromErrorBody(fields: ErrorFields): AppError {
  return new AppError(fields.code, errorBody(fields))
}
