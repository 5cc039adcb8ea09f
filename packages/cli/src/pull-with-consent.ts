// A pull as the terminal does it: the offer is shown first, a licence with conditions is asked for, then progress.
import { AppError } from "@fireside/protocol"
import type { CommandContext } from "./context.ts"
import { announceOffer } from "./terminal/announce-offer.ts"
import { ask } from "./terminal/ask.ts"
import { type FollowedJob, followJob } from "./terminal/progress.ts"

export interface PullWithConsent {
  readonly reference: string
  readonly acceptLicence: boolean
  readonly limitBytesPerSecond?: number
  /** The user has just read about it. Defaults to false. */
  readonly isKnown?: boolean
}

/** Throws `licence-not-accepted` when nobody can be asked; the hint names `--accept-licence`. */
export async function pullWithConsent(context: CommandContext, pull: PullWithConsent): Promise<FollowedJob> {
  const { io, flags, signal } = context
  const app = await context.app()
  let announced = false
  const attempt = (acceptLicence: boolean): Promise<FollowedJob> => {
    const { reference, limitBytesPerSecond } = pull
    const request = {
      reference,
      acceptLicence,
      ...(limitBytesPerSecond === undefined ? {} : { limitBytesPerSecond }),
      onOffer: (offer: Parameters<typeof announceOffer>[1]) => {
        if (!announced && !flags.json) announceOffer(io, offer, { short: pull.isKnown ?? false })
        announced = true
      },
    }
    return followJob(context, app.models.pull(request, signal))
  }
  try {
    return await attempt(pull.acceptLicence)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "licence-not-accepted" || pull.acceptLicence)
      throw error
    if (flags.json || !io.stdinIsTerminal || !io.stderrIsTerminal) throw error
    const agreed = await ask(context, {
      message: `${error.message} Do you accept it?`,
      flag: "--accept-licence",
      initial: false,
    })
    if (!agreed) throw error
    return attempt(true)
  }
}
