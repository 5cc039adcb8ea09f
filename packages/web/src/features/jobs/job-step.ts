/** What a job does, by the first word with which the server says it. */
const STEPS = {
  asking: "asking",
  downloading: "downloading",
  verifying: "checking",
  checking: "checking",
  joining: "joining",
  writing: "writing",
  copying: "copying",
  reading: "reading",
  comparing: "comparing",
} as const

export type JobStep = (typeof STEPS)[keyof typeof STEPS]

/** Undefined: a step without words of the page, to be shown as the server says it. */
export function jobStepOf(status: string): JobStep | undefined {
  const [word = ""] = status.split(" ", 1)
  return Object.hasOwn(STEPS, word) ? STEPS[word as keyof typeof STEPS] : undefined
}
