// What a piece of work fails with, when it must fail with something its user can meet.
import { AppError } from "@fireside/protocol"

/** The error of ours that the work ends with; whatever else happens is thrown. */
export async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  )
  if (error instanceof AppError) return error
  throw error
}
