// `run` of a model that is not here: it is pulled, when its name says where from and its licence allows it, and the run goes on.
import { AppError } from "@fireside/protocol"
import type { CommandContext } from "./context.ts"

export interface WantedModel {
  readonly reference: string
  readonly acceptLicence: boolean
}

/** Runs `attempt`; when it throws `model-not-found` for a model that can be pulled, pulls it and runs `attempt` again. */
export async function withMissingModel<Result>(
  context: CommandContext,
  { reference, acceptLicence }: WantedModel,
  attempt: () => Promise<Result>,
): Promise<Result> {
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "model-not-found") throw error
    const app = await context.app()
    if (!(await app.models.obtainable(reference))) throw error
  }
  // Its progress is no part of the answer's events.
  const quiet: CommandContext = withFlags(context, { ...context.flags, json: false })
  const { pullWithConsent } = await import("./pull-with-consent.ts")
  await pullWithConsent(quiet, { reference, acceptLicence })
  return await attempt()
}

function withFlags(context: CommandContext, flags: CommandContext["flags"]): CommandContext {
  return Object.create(context, { flags: { value: flags } }) as CommandContext
}
