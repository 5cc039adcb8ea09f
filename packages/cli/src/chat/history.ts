// What was typed at the prompt, kept between chats: one JSON string a line, for this user alone. A line that begins with a space is not kept.
import { appendFile, readFile, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { makeFolder } from "@fireside/host"

export interface History {
  /** Newest first, as the line editor wants them. */
  read(): Promise<string[]>
  add(line: string): Promise<void>
}

const LINES_KEPT = 1_000
const BYTES_KEPT = 1 << 20

export function createHistory(file: string): History {
  return {
    async read() {
      const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return ""
        throw error
      })
      const lines = text.split("\n").filter((line) => line !== "")
      if (lines.length > 2 * LINES_KEPT || text.length > 2 * BYTES_KEPT)
        await writeFile(file, `${lines.slice(-LINES_KEPT).join("\n")}\n`, { mode: 0o600 })
      return lines.slice(-LINES_KEPT).map(parse).reverse()
    },
    async add(line) {
      if (line.trim() === "" || line.startsWith(" ")) return
      await makeFolder(dirname(file))
      await appendFile(file, `${JSON.stringify(line)}\n`, { mode: 0o600 })
    },
  }
}

/** A line that is no JSON (edited by hand) is taken as it is. */
function parse(line: string): string {
  try {
    return String(JSON.parse(line))
  } catch {
    return line
  }
}
