// What the page is measured with: chats as the files of another program bring them in.
export const WORDS = [
  "bread",
  "larch",
  "harbour",
  "violin",
  "glacier",
  "copper",
  "orchard",
  "lantern",
  "meadow",
  "thunder",
]

/** Markdown as models write it: about 700 bytes with a heading, a list, a table, and code. */
const SECTION = [
  "## How it goes on",
  "",
  "Some **bold** words, a [link](https://a.test), `code`, and *more* of what people read in an answer that explains something at length.",
  "",
  "1. **First**: take the bread out of the oven and let it rest.",
  "2. **Second**: listen; it crackles when it is good.",
  "   - with a crust",
  "   - without one",
  "",
  "```ts",
  "export function rest(minutes: number): string {",
  "  return ['wait', minutes, 'minutes'].join(' ')",
  "}",
  "```",
  "",
  "| flour | water |",
  "| --- | --- |",
  "| 500 g | 350 g |",
  "| 1000 g | 700 g |",
  "",
  "> Who waits eats better, says everybody who has ever waited for bread.",
  "",
  "",
].join("\n")

/** An answer of at least so many bytes. */
export function longAnswer(bytes: number): string {
  return SECTION.repeat(Math.ceil(bytes / SECTION.length))
}

/** One question and its answer, with words to search for. */
export function shortChat(number: number): object {
  const content = `Question ${number} about ${WORDS[number % WORDS.length]} and ${WORDS[(number * 7) % WORDS.length]}`
  return chat(number, `Chat ${number} ${WORDS[number % WORDS.length]}`, [content, `Answer ${number}`])
}

/** `turns` questions, each with an answer of one section. */
export function longChat(number: number, turns: number): object {
  const texts = Array.from({ length: turns }, (_, turn) => [`Question ${turn}: and then?`, SECTION])
  return chat(number, `Long chat ${number}`, texts.flat())
}

export async function importChats(url: string, chats: readonly object[]): Promise<void> {
  const response = await fetch(`${url}/api/fireside/v1/conversations/import`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(chats),
  })
  if (!response.ok) throw new Error(`the import answered ${response.status}: ${await response.text()}`)
}

function chat(number: number, name: string, texts: readonly string[]): object {
  const created = new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString()
  return {
    uuid: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
    name,
    created_at: created,
    updated_at: created,
    chat_messages: texts.map((text, at) => ({
      uuid: `m${number}-${at}`,
      sender: at % 2 === 0 ? "human" : "assistant",
      text,
      created_at: created,
    })),
  }
}
