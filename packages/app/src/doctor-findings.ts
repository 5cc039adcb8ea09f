// What the doctor can find and advise, in English. The page has the same codes in other languages, so what is said is a code with values;
// values whose name ends in `Bytes` are sizes.
import type { DoctorReport } from "@fireside/protocol"

type Check = DoctorReport["checks"][number]
export type Finding = Omit<Check, "id">
type Values = Readonly<Record<string, string | number>>

const FINDINGS = {
  versions: "Fireside {{fireside}}, Node {{node}}, {{platform}}",
  "old-glibc": "glibc {{glibc}} is older than {{needed}}, which the engine needs.",
  processor: "{{name}}; cores: {{cores}}, usable: {{usable}}; {{features}}",
  "plain-processor": "{{name}}; cores: {{cores}}, usable: {{usable}}; no vector extensions known",
  memory: "{{totalBytes}} in all, {{freeBytes}} free",
  "limited-memory": "{{totalBytes}} in all, {{freeBytes}} free, limited to {{limitBytes}} by the cgroup",
  disk: "{{freeBytes}} free of {{totalBytes}}",
  engine: "llama.cpp {{version}} ({{devices}}) passed its self-test in {{ms}} ms",
  "engine-without-device": "llama.cpp {{version}} (no device) passed its self-test in {{ms}} ms",
  "echo-engine": "llama.cpp is not used: the echo engine answers",
  "no-gpu": "models run on the processor; no graphics processor is in use",
  gpu: "{{name}}: {{memoryBytes}}, {{freeBytes}} free",
  "no-kernels": "the engine computes nothing",
  kernels: "billions of weights a second, one thread, by type:",
  kernel: "{{type}} {{prompts}} of prompts, {{answers}} of answers",
  "new-folder": "{{path}} will be made at first use",
  "own-folder": "{{path}} is writable, and yours alone",
  "open-folder": "{{path}} can be read by other users of this machine.",
  models: "models: {{count}}",
  "broken-model": "{{name}} is broken.",
  deterministic: "can be deterministic: {{names}}",
  "not-deterministic": "{{name}} cannot be deterministic. {{why}}",
  "full-sandbox": "full: models run without network, and every file is read-only for them",
  "partial-sandbox": "partial: models run without network; bubblewrap (bwrap) would make files read-only too",
  "no-sandbox": "none: this system does not keep the engine from the network.",
  locked: "locked: nothing leaves this machine",
  ask: "open for what you ask for: each connection is in the ledger",
  "allow-list": "only the listed hosts can be reached",
  ledger: "entries: {{count}}, the chain is whole",
  "changed-ledger": "the chain breaks at entry {{entry}}: the ledger was changed.",
} as const satisfies Readonly<Record<string, string>>

const ADVICE = {
  "newer-system": "Use a newer release of your distribution.",
  "slow-processor": "Without AVX2 or NEON models answer slowly.",
  "close-programs": "Close other programs before loading a model.",
  "model-sizes": "Models need from 0.1 to 20 GB each.",
  "own-folder": "chmod -R go= {{path}}",
  "pull-again": "Get it again with: fireside pull {{name}}",
  sandbox:
    "Fireside opens no connection there; on Linux, allow user namespaces or install bubblewrap to have it enforced.",
  ledger: "fireside privacy ledger shows it.",
} as const satisfies Readonly<Record<string, string>>

type FindingCode = keyof typeof FINDINGS
type AdviceCode = keyof typeof ADVICE

interface Said {
  readonly code: FindingCode
  readonly values?: Values
}

export const info = (code: FindingCode, values: Values = {}): Finding => ({
  ok: true,
  level: "info",
  message: fill(FINDINGS[code], values),
  code,
  values,
})

export const warning = ({ code, values = {} }: Said, advice: AdviceCode): Finding => ({
  ...info(code, values),
  ok: false,
  level: "warning",
  hint: fill(ADVICE[advice], values),
  advice,
})

export const error = (said: Said, advice: AdviceCode): Finding => ({
  ...warning(said, advice),
  level: "error",
})

function fill(text: string, values: Values): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`the finding "${text}" has no ${name}`)
    return name.endsWith("Bytes") ? gib(Number(value)) : String(value)
  })
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`
