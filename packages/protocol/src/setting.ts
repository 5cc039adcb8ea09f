// A setting as a form shows it: its value, what it may be, and what changing it takes.
import { z } from "zod"

/** What a value may be. Lists are text with commas between their items; bytes and durations may be text with a unit. */
export const SettingShape = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), maxLength: z.int() }),
  z.object({ type: z.literal("choice"), choices: z.array(z.string()) }),
  z.object({ type: z.literal("whole-number"), min: z.int(), max: z.int() }),
  z.object({ type: z.literal("yes-or-no") }),
  z.object({ type: z.literal("bytes"), min: z.int() }),
  z.object({ type: z.literal("duration") }),
  z.object({ type: z.literal("address") }),
  z.object({ type: z.literal("list") }),
  z.object({ type: z.literal("path") }),
])
export type SettingShape = z.infer<typeof SettingShape>

/**
 * `admin`: whoever may use this route. `owner`: only the owner of the machine, and no key, because it opens the machine to others.
 * `terminal`: only `fireside config set` on the machine itself, because it names programs that are run or files that are trusted.
 */
export const SettingChangedBy = z.enum(["admin", "owner", "terminal"])
export type SettingChangedBy = z.infer<typeof SettingChangedBy>

const SettingValue = z.union([z.string(), z.number(), z.boolean()])

export const Setting = z.object({
  key: z.string(),
  /** As it is written in the file; null: nothing is set. `(secret)` for a secret that is set. */
  value: SettingValue.nullable(),
  /** `environment` and `flag` win over what is saved. */
  source: z.enum(["default", "file", "environment", "flag"]),
  description: z.string(),
  shape: SettingShape,
  /** In words. */
  accepts: z.string(),
  /** Null: nothing is set. */
  defaultValue: SettingValue.nullable(),
  /** What happens when nothing is set, in words. */
  otherwise: z.string().optional(),
  secret: z.boolean(),
  changedBy: SettingChangedBy,
  /** It was changed, and the process that answers still works with what it began with. */
  needsRestart: z.boolean(),
})
export type Setting = z.infer<typeof Setting>

/** Null: back to the default. */
export const SettingChange = z.object({ value: SettingValue.nullable() })
export type SettingChange = z.infer<typeof SettingChange>
