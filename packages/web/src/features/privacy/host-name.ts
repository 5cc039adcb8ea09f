// What its reader writes for a host: a name, or an address pasted from the browser.

/** The bare name in lower case; undefined: there is none in it. */
export function hostName(written: string): string | undefined {
  const text = written.trim()
  if (text === "") return undefined
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`)
  return url !== null && /^[a-z0-9_.-]+$|^\[[0-9a-f:.]+\]$/i.test(url.hostname) ? url.hostname : undefined
}
