// The form of a new key, as a wish to the server.
import { KEY_LIMITS, type KeySummary, type NewKey, type Scope } from "@fireside/protocol"

export interface KeyForm {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Empty: all models. */
  readonly models: readonly string[]
  /** Empty: no limit. */
  readonly requestsPerMinute: string
  readonly tokensPerDay: string
}

export const EMPTY_KEY_FORM: KeyForm = Object.freeze<KeyForm>({
  name: "",
  scopes: ["chat", "embed"],
  models: [],
  requestsPerMinute: "",
  tokensPerDay: "",
})

export type KeyFormField = keyof KeyForm

export type ReadKeyForm =
  | { readonly type: "wish"; readonly wish: NewKey }
  | { readonly type: "wrong"; readonly fields: readonly KeyFormField[] }

export function readKeyForm(form: KeyForm): ReadKeyForm {
  const name = form.name.trim()
  const requestsPerMinute = readLimit(form.requestsPerMinute, KEY_LIMITS.requestsPerMinute)
  const tokensPerDay = readLimit(form.tokensPerDay, KEY_LIMITS.tokensPerDay)
  const checks: readonly (readonly [KeyFormField, boolean])[] = [
    ["name", name !== "" && name.length <= KEY_LIMITS.nameLength],
    ["scopes", form.scopes.length > 0],
    ["models", form.models.length <= KEY_LIMITS.models],
    ["requestsPerMinute", requestsPerMinute !== undefined],
    ["tokensPerDay", tokensPerDay !== undefined],
  ]
  const fields = checks.filter(([, isRight]) => !isRight).map(([field]) => field)
  if (fields.length > 0 || requestsPerMinute === undefined || tokensPerDay === undefined)
    return { type: "wrong", fields }
  const models = form.models.length === 0 ? null : [...form.models]
  return { type: "wish", wish: { name, scopes: [...form.scopes], models, requestsPerMinute, tokensPerDay } }
}

/** Null: no limit; undefined: no such limit can be. */
function readLimit(written: string, most: number): number | null | undefined {
  const text = written.trim()
  if (text === "") return null
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return number >= 1 && number <= most ? number : undefined
}

/** A key that may what another one may: the other is revoked, and its secret does not come back. */
export function sameRights({ name, scopes, models, requestsPerMinute, tokensPerDay }: KeySummary): NewKey {
  return { name, scopes, models, requestsPerMinute, tokensPerDay }
}
