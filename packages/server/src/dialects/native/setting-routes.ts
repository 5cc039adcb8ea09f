// The settings as a form shows and changes them. What would open the machine to others is the owner's, and what names programs that are run is
// changed in the terminal only: a key that leaks must not become a program on this machine.
import {
  AppError,
  HTTP_LIMITS,
  NATIVE_PATH,
  Setting,
  SettingChange,
  type SettingChangedBy,
  z,
} from "@fireside/protocol"
import type { Caller } from "../../caller.ts"
import type { Exchange, Reply, Route } from "../../route.ts"
import { readFields } from "../read-fields.ts"

const owned = { dialect: "native", access: "admin" } as const

export const settingRoutes: readonly Route[] = [
  {
    ...owned,
    method: "GET",
    path: `${NATIVE_PATH}/settings`,
    summary: "Every setting: its value, where it comes from, what it may be, and who may change it.",
    response: z.array(Setting),
    async handle({ app }) {
      return { type: "json", body: await app.settings.list() }
    },
  },
  {
    ...owned,
    method: "PUT",
    path: `${NATIVE_PATH}/settings/:key`,
    summary: "Change a setting. It is in force when the server is started again.",
    body: { type: "json", schema: SettingChange, limitBytes: HTTP_LIMITS.smallBodyBytes },
    response: Setting,
    handle: changeSetting,
  },
]

async function changeSetting({ app, caller, params, body }: Exchange): Promise<Reply> {
  const { value } = readFields(SettingChange, body).value
  const { key, changedBy } = await app.settings.get(params.key ?? "")
  requireMayChange(caller, key, changedBy)
  try {
    return { type: "json", body: await app.settings.set(key, value === null ? "" : String(value)) }
  } catch (error) {
    // For a process that begins it is a wrong configuration; here it is the client's own mistake.
    if (error instanceof AppError && error.code === "bad-config")
      throw new AppError("bad-request", {
        message: error.message,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        details: { field: "value" },
        cause: error,
      })
    throw error
  }
}

function requireMayChange(caller: Caller, key: string, changedBy: SettingChangedBy): void {
  switch (changedBy) {
    case "admin":
      return
    case "owner":
      if (caller.key === undefined) return
      break
    case "terminal":
      break
    default:
      changedBy satisfies never
  }
  throw new AppError("forbidden", {
    message:
      changedBy === "owner"
        ? `A key cannot change the setting ${key}: it says who and what may reach this machine.`
        : `The setting ${key} is not changed over HTTP: it names programs or files that are trusted.`,
    hint: `Its owner does that on the machine itself: fireside config set ${key} VALUE`,
    details: { key, changedBy },
  })
}
