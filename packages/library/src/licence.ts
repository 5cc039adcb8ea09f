// Licences: which are permissive, what a name or a text means. Showing and accepting is in `licence-gate.ts`.

export interface Licence {
  readonly name: string
  readonly url?: string
  readonly permissive: boolean
}

/** Identifiers (SPDX, as the hub writes them) whose only conditions are notices. Name shown, and where the text is. */
const PERMISSIVE: Readonly<Record<string, readonly [name: string, url: string]>> = {
  "apache-2.0": ["Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0"],
  mit: ["MIT", "https://opensource.org/license/mit"],
  "bsd-2-clause": ["BSD-2-Clause", "https://opensource.org/license/bsd-2-clause"],
  "bsd-3-clause": ["BSD-3-Clause", "https://opensource.org/license/bsd-3-clause"],
  isc: ["ISC", "https://opensource.org/license/isc-license-txt"],
  unlicense: ["Unlicense", "https://unlicense.org"],
  "cc0-1.0": ["CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"],
  "cc-by-4.0": ["CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"],
}

export const UNKNOWN_LICENCE: Licence = Object.freeze({ name: "unknown", permissive: false })

/** A licence by its identifier. What is not known to be permissive is not. */
export function licenceOf(
  identifier: string,
  options: { readonly name?: string; readonly url?: string } = {},
): Licence {
  const known = PERMISSIVE[identifier.trim().toLowerCase()]
  if (known !== undefined) return { name: known[0], url: known[1], permissive: true }
  const name = cleanLine(options.name ?? identifier)
  if (name === "" || name === "other")
    return options.url === undefined ? UNKNOWN_LICENCE : { ...UNKNOWN_LICENCE, url: options.url }
  return { name, permissive: false, ...(options.url === undefined ? {} : { url: options.url }) }
}

/** A licence by its full text, as registries ship it. */
export function recogniseLicence(text: string): Licence {
  const start = text.slice(0, 4_000)
  if (/Apache License\s+Version 2\.0/i.test(start)) return licenceOf("apache-2.0")
  if (/^\s*(?:The )?MIT License/i.test(start) || /Permission is hereby granted, free of charge/.test(start))
    return licenceOf("mit")
  const first = text
    .split("\n")
    .map(cleanLine)
    .find((line) => line !== "")
  return first === undefined ? UNKNOWN_LICENCE : { name: first, permissive: false }
}

function cleanLine(text: string): string {
  return text
    .replace(/[\p{C}]/gu, " ")
    .trim()
    .slice(0, 120)
}
