// Paths of routes: literal parts and `:name` parameters; a last `*` takes the rest, slashes too.

/** The parameters when `path` (without a query) is one of `pattern`; undefined otherwise. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split("/")
  const given = path.split("/")
  const params: Record<string, string> = {}
  for (const [at, part] of wanted.entries()) {
    if (part === "*") {
      params["*"] = decodeURIComponent(given.slice(at).join("/"))
      return params
    }
    const value = given[at]
    if (value === undefined) return undefined
    if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(value)
    else if (part !== value) return undefined
  }
  return wanted.length === given.length ? params : undefined
}

/** Whose form errors have below a path that no route has. */
export function dialectOfPath(path: string): "openai" | "ollama" | "anthropic" | "native" {
  if (path.startsWith("/api/fireside/")) return "native"
  if (path.startsWith("/api/")) return "ollama"
  if (path.startsWith("/v1/messages")) return "anthropic"
  if (path.startsWith("/v1/")) return "openai"
  return "native"
}

/** The URL as it is, unless its path is no percent-encoded UTF-8: then one that stands for its bytes as written, which no route has. */
export function withReadablePath(url: string): string {
  const [path = ""] = url.split("?", 1)
  try {
    decodeURIComponent(path)
    return url
  } catch {
    return path.replaceAll("%", "%25") + url.slice(path.length)
  }
}
