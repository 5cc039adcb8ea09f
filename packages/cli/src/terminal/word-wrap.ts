// Breaks lines between words while text streams in: a word that does not fit is wiped where it began and written on the next line.
// Code between fences is left to the terminal, so that it can be copied.

export interface WordWrapper {
  /** What to write for the next piece of the stream. The text must be free of controls other than line feed and tab. */
  wrap(text: string): string
}

const FENCE = /^\s*(```|~~~)/
/** Scripts that are written two columns wide, and emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff00-\uff60]/u
/** Combining marks, joiners and variation selectors. */
const WIDTHLESS = /[\p{M}\p{Cf}]/u
const TAB_WIDTH = 8

/** `columns` is asked at each piece: windows change. */
export function createWordWrapper(columns: () => number): WordWrapper {
  let column = 0
  let word = ""
  let wordWidth = 0
  let line = ""
  let inCode = false

  const beginLine = (): void => {
    column = 0
    line = ""
    endWord()
  }
  const endWord = (): void => {
    word = ""
    wordWidth = 0
  }

  function place(character: string, width: number): string {
    if (character === "\n") {
      if (FENCE.test(line)) inCode = !inCode
      beginLine()
      return "\n"
    }
    // A fence is known at its third sign, when nothing of it has been wrapped yet.
    line += line.length < 16 ? character : ""
    if (inCode) return character
    const isSpace = character === " " || character === "\t"
    const own = character === "\t" ? TAB_WIDTH - (column % TAB_WIDTH) : widthOf(character)
    let before = ""
    if (column + own > width) {
      if (isSpace) {
        beginLine()
        return "\n"
      }
      // A word as long as the line cannot be helped, and scripts without spaces break anywhere.
      const moves = word !== "" && wordWidth < column && wordWidth <= width / 2
      before = moves ? `\x1b[${wordWidth}D\x1b[K\n${word}` : "\n"
      column = moves ? wordWidth : 0
      if (!moves) endWord()
    }
    column += own
    if (isSpace) endWord()
    else {
      word += character
      wordWidth += own
    }
    return before + character
  }

  return {
    wrap(text) {
      // The last column is left free: terminals differ in where the cursor is after it.
      const width = Math.max(20, columns() - 1)
      let shown = ""
      for (const character of text) shown += place(character, width)
      return shown
    },
  }
}

function widthOf(character: string): number {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x300) return 1
  if (WIDTHLESS.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}
