// Which pages may call the server: its own, and those that its owner allowed. Programs send neither header and are not concerned.
import { AppError } from "@fireside/protocol"

export interface OriginQuestion {
  /** The `Origin` header; undefined when there is none. */
  readonly origin: string | undefined
  readonly fetchSite: string | undefined
  /** The checked `Host` header. */
  readonly host: string
  readonly isTls: boolean
  readonly allowedOrigins: ReadonlySet<string>
}

/** The allowed foreign origin that asks; undefined for our own page and for programs. Throws `foreign-request`. */
export function checkOrigin(question: OriginQuestion): string | undefined {
  const { origin, fetchSite, host, isTls, allowedOrigins } = question
  if (origin !== undefined) {
    if (allowedOrigins.has(origin)) return origin
    if (origin !== `${isTls ? "https" : "http"}://${host}`)
      throw foreign(`A page of ${JSON.stringify(origin.slice(0, 100))}`)
    // Our own page; the browser must not say otherwise.
    if (fetchSite === undefined || fetchSite === "same-origin") return undefined
    throw foreign("A page of another site")
  }
  // `none`: typed into the address bar. `same-site` is another port or another name of the same site.
  if (fetchSite === undefined || fetchSite === "same-origin" || fetchSite === "none") return undefined
  throw foreign("A page of another site")
}

function foreign(who: string): AppError {
  return new AppError("foreign-request", {
    message: `${who} may not call this server.`,
    hint: "If it is yours, allow it with: fireside serve --allow-origin ORIGIN",
  })
}
