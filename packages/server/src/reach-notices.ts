// What the owner of a server that others can reach should know: what they call it, and what their programs must trust.

export interface Reach {
  /** Address that it listens on. */
  readonly host: string
  /** With the port that it has. */
  readonly url: string
  /** Addresses of this machine. */
  readonly addresses: readonly string[]
  /** Path of the certificate that nobody else signed. */
  readonly ownCertificate: string | undefined
}

/** Empty for a server whose URL says it all. */
export function reachNotices({ host, url, addresses, ownCertificate }: Reach): readonly string[] {
  const notices: string[] = []
  if (host === "0.0.0.0" || host === "::") {
    const called = addresses.filter(isCallable).map((address) => withHost(url, address))
    if (called.length > 0) notices.push(`They call it ${called.join(" or ")}`)
  }
  if (ownCertificate !== undefined)
    notices.push(`Nobody else signed its certificate: programs must be told to trust ${ownCertificate}`)
  return notices
}

/** Not this machine's name for itself, and no IPv6 address, which people do not type. */
const isCallable = (address: string): boolean => !address.includes(":") && !address.startsWith("127.")

function withHost(url: string, address: string): string {
  const { protocol, port } = new URL(url)
  return port === "" ? `${protocol}//${address}` : `${protocol}//${address}:${port}`
}
