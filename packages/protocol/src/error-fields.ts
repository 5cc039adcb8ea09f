// An error inside a schema: of a job's row, of an event, of an answer.
import { z } from "zod"
import { ERROR_CODES, type ErrorCode } from "./errors.ts"

const CODES = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]

/** `ErrorBody`, field by field. */
export const ERROR_FIELDS = {
  code: z.enum(CODES),
  message: z.string(),
  hint: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
}
