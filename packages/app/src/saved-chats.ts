// Chats that the owner saved by name: each is a whole request as JSON, in `chats/` of the data folder, for this user alone.
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { AppError, ChatRequest, NAME_LIMITS } from "@fireside/protocol"
import type { SavedChats } from "./app.ts"
import type { Parts } from "./parts.ts"

export function createSavedChats(parts: Pick<Parts, "paths" | "prepareHome">): SavedChats {
  const root = join(parts.paths.home, "chats")
  const fileOf = async (name: string): Promise<string> => {
    if (!/^[\w.-]+$/.test(name) || name.length > NAME_LIMITS.partLength) {
      throw new AppError("bad-request", {
        message: `A chat cannot be called ${JSON.stringify(name.slice(0, NAME_LIMITS.partLength))}.`,
        hint: "Use letters, digits, dots, dashes and underscores.",
      })
    }
    const { resolveInside } = await import("@fireside/host")
    return resolveInside(root, `${name}.json`)
  }
  return {
    async save(name, chat) {
      const file = await fileOf(name)
      await parts.prepareHome()
      const { writeDurably } = await import("@fireside/host")
      await writeDurably(file, `${JSON.stringify(chat, null, 2)}\n`)
      return file
    },
    async load(name) {
      let text: string
      try {
        text = await readFile(await fileOf(name), "utf8")
      } catch (error) {
        // No such chat, or a name that no chat can have (`hf:…`).
        if (error instanceof AppError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined
        throw error
      }
      return parseChat(text, name)
    },
  }
}

function parseChat(text: string, name: string): ChatRequest {
  try {
    return ChatRequest.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError("corrupt-data", {
      message: `The saved chat ${name} cannot be read: it is no chat of ours.`,
      hint: "Remove its file from the folder `chats`, or mend it.",
      cause,
    })
  }
}
