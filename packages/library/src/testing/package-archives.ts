// Builds wheels and npm tarballs in memory, good ones and bad ones.
import { crc32, deflateRawSync, gzipSync } from "node:zlib"
import { Header } from "tar"

export interface ArchivedFile {
  readonly name: string
  readonly bytes: Uint8Array | string
  /** Unix kind and rights. Defaults to a plain file. */
  readonly mode?: number
}

const PLAIN = 0o100644

/** A zip archive with deflated members. */
export function buildZip(files: readonly ArchivedFile[]): Uint8Array {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, bytes, mode = PLAIN } of files) {
    const data = Buffer.from(bytes)
    const packed = deflateRawSync(data)
    const path = Buffer.from(name)
    const facts = Buffer.alloc(22)
    facts.writeUInt16LE(8, 0)
    facts.writeUInt32LE(crc32(data), 6)
    facts.writeUInt32LE(packed.length, 10)
    facts.writeUInt32LE(data.length, 14)
    facts.writeUInt16LE(path.length, 18)
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 0, 0]), facts, path, packed])
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(0x0314, 4)
    entry.writeUInt16LE(20, 6)
    facts.copy(entry, 10, 0, 20)
    entry.writeUInt32LE(mode * 0x10000, 38)
    entry.writeUInt32LE(offset, 42)
    directory.push(entry, path)
    parts.push(local)
    offset += local.length
  }
  const index = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(index.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, index, end])
}

/** A gzipped tarball, as npm packs them. `mode` other than a plain file's makes a symbolic link to /etc/passwd. */
export function buildTarball(files: readonly ArchivedFile[]): Uint8Array {
  const parts = files.flatMap(({ name, bytes, mode = PLAIN }) => {
    const data = Buffer.from(bytes)
    const block = Buffer.alloc(512)
    const link = mode !== PLAIN
    new Header({
      path: name,
      mode: 0o644,
      size: link ? 0 : data.length,
      type: link ? "SymbolicLink" : "File",
      ...(link ? { linkpath: "/etc/passwd" } : {}),
    }).encode(block)
    const padding = Buffer.alloc((512 - (data.length % 512)) % 512)
    return link ? [block] : [block, data, padding]
  })
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]))
}
