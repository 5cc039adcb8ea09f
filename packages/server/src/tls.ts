// The certificate and key of the server: the owner's files, or one of our own that is made once and kept.
import { chmod, readFile } from "node:fs/promises"
import { hostname, networkInterfaces } from "node:os"
import { join } from "node:path"
import { makeFolder, type Paths, writeDurably } from "@fireside/host"
import { AppError } from "@fireside/protocol"
import type { TlsChoice } from "./server.ts"

export interface Certificate {
  readonly certificate: string
  readonly key: string
  readonly isSelfSigned: boolean
}

/** Days until a certificate of ours must be made anew; browsers refuse those that last longer. */
const VALID_DAYS = 397
const RENEW_BEFORE_MS = 30 * 24 * 3_600_000

/** Undefined for plain HTTP. Throws `bad-config` for files that cannot be read. */
export async function loadCertificate(
  choice: TlsChoice,
  paths: Pick<Paths, "home">,
): Promise<Certificate | undefined> {
  switch (choice.type) {
    case "none":
    case "without":
      return undefined
    case "files":
      return {
        certificate: await readPem(choice.certificate, "certificate"),
        key: await readPem(choice.key, "key"),
        isSelfSigned: false,
      }
    case "self-signed":
      return await ownCertificate(join(paths.home, "tls"))
    default:
      return choice satisfies never
  }
}

async function readPem(path: string, what: string): Promise<string> {
  try {
    const text = await readFile(path, "utf8")
    if (text.includes("-----BEGIN ")) return text
  } catch (cause) {
    throw new AppError("bad-config", { message: `The TLS ${what} ${path} cannot be read.`, cause })
  }
  throw new AppError("bad-config", { message: `The TLS ${what} ${path} is not a PEM file.` })
}

async function ownCertificate(folder: string): Promise<Certificate> {
  const [certificatePath, keyPath] = [join(folder, "certificate.pem"), join(folder, "key.pem")]
  const [certificate, key] = await Promise.all([
    readFile(certificatePath, "utf8").catch(() => undefined),
    readFile(keyPath, "utf8").catch(() => undefined),
  ])
  if (certificate !== undefined && key !== undefined && (await isFresh(certificate)))
    return { certificate, key, isSelfSigned: true }
  // The default: a bundle of a library of the old kind has no named exports.
  const { default: selfsigned } = await import("selfsigned")
  const names = [...ownNames(), "localhost"]
  const made = await selfsigned.generate([{ name: "commonName", value: hostname() }], {
    keySize: 2048,
    algorithm: "sha256",
    notAfterDate: new Date(Date.now() + VALID_DAYS * 24 * 3_600_000),
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [
          ...names.map((value) => ({ type: 2 as const, value })),
          ...["127.0.0.1", "::1", ...ownAddresses()].map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  })
  await makeFolder(folder)
  await chmod(folder, 0o700)
  await writeDurably(keyPath, made.private)
  await writeDurably(certificatePath, made.cert)
  return { certificate: made.cert, key: made.private, isSelfSigned: true }
}

async function isFresh(certificate: string): Promise<boolean> {
  const { X509Certificate } = await import("node:crypto")
  try {
    return Date.parse(new X509Certificate(certificate).validTo) - Date.now() > RENEW_BEFORE_MS
  } catch {
    return false
  }
}

/** Names under which this machine is known on its network. */
export function ownNames(): readonly string[] {
  const name = hostname().toLowerCase()
  return name === "" ? [] : [...new Set([name, `${name.split(".", 1)[0]}.local`])]
}

export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((entry) => !entry.internal && !entry.address.includes("%"))
    .map((entry) => entry.address)
}
