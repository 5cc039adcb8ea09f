// Under which names the server may be called. A page that made its own name point to this machine (DNS rebinding) still says that name here.
import { AppError } from "@fireside/protocol"

/** Of a request, as they came: `rawHeaders` alternates names and values. */
export interface RequestHead {
  readonly url: string
  readonly rawHeaders: readonly string[]
}

/** The host name of the `Host` header without its port. Throws `bad-request` or `foreign-request`. */
export function checkHost({ url, rawHeaders }: RequestHead, allowed: ReadonlySet<string>): string {
  if (!url.startsWith("/"))
    throw new AppError("bad-request", { message: "The request names a whole URL where a path is expected." })
  const hosts = headerValues(rawHeaders, "host")
  if (hosts.length !== 1)
    throw new AppError("bad-request", {
      message:
        hosts.length === 0 ? "The request has no Host header." : "The request has several Host headers.",
    })
  const host = hosts[0] ?? ""
  const name = hostName(host)
  if (name !== undefined && allowed.has(name)) return host
  throw new AppError("foreign-request", {
    message: `This server is not called ${JSON.stringify(host.slice(0, 100))}.`,
    hint: "Call it by its address, or allow the name with: fireside serve --allow-host NAME",
  })
}

/** `name`, `name:port`, `[v6]`, `[v6]:port`; undefined for anything else. Exact: no other case, no final dot. */
function hostName(host: string): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(?::(\d{1,5}))?$/.exec(host)
  return match?.[1]
}

function headerValues(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
}
