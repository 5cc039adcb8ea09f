// What set-up shows: numbered steps on stderr, so that stdout carries the product's output only.
// A terminal gets one line that moves; anything else gets a line now and then.

const PLAIN_INTERVAL_MS = 5_000

/**
 * @typedef {object} Progress
 * @property {(title: string) => void} step begins the next step
 * @property {(text: string) => void} update how far the step is
 * @property {(text: string) => void} note a line of its own
 * @property {() => void} end closes the line that is being shown
 */

/**
 * @param {{steps: number, output?: NodeJS.WriteStream, now?: () => number}} options
 * @returns {Progress}
 */
export function createProgress({ steps, output = process.stderr, now = Date.now }) {
  let current = 0
  let title = ""
  let begunMs = 0
  let shownMs = 0
  let lineOpen = false

  const seconds = () => `${Math.round((now() - begunMs) / 1000)} s`
  const end = () => {
    if (lineOpen) output.write("\n")
    lineOpen = false
  }
  return {
    step(text) {
      end()
      current += 1
      title = `[${current}/${steps}] ${text}`
      begunMs = shownMs = now()
      output.write(output.isTTY ? title : `${title}\n`)
      lineOpen = Boolean(output.isTTY)
    },
    update(text) {
      if (output.isTTY) {
        const line = `${title}: ${text}, ${seconds()}`
        output.write(`\r\x1b[K${line.slice(0, Math.max(20, (output.columns || 80) - 1))}`)
        lineOpen = true
      } else if (now() - shownMs >= PLAIN_INTERVAL_MS) {
        shownMs = now()
        output.write(`${title}: ${text}, ${seconds()}\n`)
      }
    },
    note(text) {
      end()
      output.write(`${text}\n`)
    },
    end,
  }
}
