// Server-sent events, as far as streamed chats use them: the data of each event, however the bytes are cut. Pure.

const DATA = "data: "

/** Gives the data of the events that a further piece of text completes; keeps an unfinished line for the next. */
export function createEventLines(): (text: string) => readonly string[] {
  let rest = ""
  return (text) => {
    rest += text
    const end = rest.lastIndexOf("\n")
    if (end < 0) return []
    const lines = rest.slice(0, end).split("\n")
    rest = rest.slice(end + 1)
    return lines
      .map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line))
      .filter((line) => line.startsWith(DATA))
      .map((line) => line.slice(DATA.length))
  }
}
