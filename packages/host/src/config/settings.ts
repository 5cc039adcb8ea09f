// Every setting, in one table: what it is, what it may be, what it is when nobody says anything. A data table and its types.
import { GGUF_LIMITS, NAME_LIMITS, QUEUE_LIMITS, type SettingChangedBy } from "@fireside/protocol"
import {
  address,
  choice,
  duration,
  file,
  folder,
  hostNames,
  origins,
  type SettingKind,
  sizeBytes,
  text,
  wholeNumber,
  yesOrNo,
} from "./setting-kind.ts"

export interface EnvironmentName {
  readonly name: string
  /** Turns the variable's text into the setting's. Defaults to the text itself. */
  readonly read?: (value: string) => string
}

export interface SettingDefinition<Value> {
  readonly kind: SettingKind<Value>
  readonly description: string
  /** Undefined: nothing is set, and the part that asks finds out by itself. */
  readonly defaultValue: Value | undefined
  /** What happens when nothing is set, in words; for settings whose default is undefined. */
  readonly otherwise?: string
  /** The first that is set and not empty counts. */
  readonly environment: readonly EnvironmentName[]
  /** Never printed, logged or listed. */
  readonly secret?: boolean
  /** False for what must be known before the file is found. Defaults to true. */
  readonly inFile?: boolean
  /** Who may change it over HTTP. Defaults to `admin`. */
  readonly changedBy?: SettingChangedBy
}

interface DefaultedDefinition<Value> extends SettingDefinition<Value> {
  readonly defaultValue: Value
}

type Facts<Value> = Omit<SettingDefinition<Value>, "kind" | "defaultValue" | "environment" | "otherwise"> & {
  readonly environment: readonly (string | EnvironmentName)[]
}

const names = (list: readonly (string | EnvironmentName)[]): readonly EnvironmentName[] =>
  list.map((it) => (typeof it === "string" ? { name: it } : it))

function defaulted<Value>(
  kind: SettingKind<Value>,
  facts: Facts<Value> & { readonly defaultValue: NoInfer<Value> },
): DefaultedDefinition<Value> {
  return { ...facts, kind, environment: names(facts.environment) }
}

function optional<Value>(
  kind: SettingKind<Value>,
  facts: Facts<Value> & { readonly otherwise: string },
): SettingDefinition<Value> {
  return { ...facts, kind, defaultValue: undefined, environment: names(facts.environment) }
}

const LONGEST_TEXT = 4_096

export const SETTINGS = {
  home: optional(folder, {
    description: "The data folder: models, database, logs.",
    otherwise: "the platform's data folder",
    environment: ["FIRESIDE_HOME"],
    inFile: false,
    changedBy: "terminal",
  }),
  engine: defaulted(choice(["llama", "echo"]), {
    description: "What answers: llama.cpp, or an echo that needs no model.",
    defaultValue: "llama",
    environment: ["FIRESIDE_ENGINE"],
  }),
  llamaDir: optional(folder, {
    description: "Folder with llama.cpp's libraries, in place of the ones that were installed with Fireside.",
    otherwise: "the installed ones",
    environment: ["FIRESIDE_LLAMA_DIR"],
    changedBy: "terminal",
  }),
  sandbox: defaulted(choice(["auto", "none"]), {
    description: "Whether engine processes are shut in: `auto` takes the strongest sandbox that works here.",
    defaultValue: "auto",
    environment: ["FIRESIDE_SANDBOX"],
    changedBy: "terminal",
  }),
  offline: defaulted(yesOrNo, {
    description: "Locks the network whatever `fireside privacy` says.",
    defaultValue: false,
    environment: ["FIRESIDE_OFFLINE"],
    changedBy: "owner",
  }),
  hfEndpoint: defaulted(address, {
    description: "The hub that `hf:` names come from.",
    defaultValue: "https://huggingface.co",
    environment: ["FIRESIDE_HF_ENDPOINT", "HF_ENDPOINT"],
    changedBy: "owner",
  }),
  hfToken: optional(text({ maxLength: LONGEST_TEXT }), {
    description: "Access token of the hub, for models that need one. Sent to the hub only.",
    otherwise: "no token is sent",
    environment: ["FIRESIDE_HF_TOKEN", "HF_TOKEN"],
    secret: true,
    changedBy: "owner",
  }),
  ollamaRegistry: defaulted(address, {
    description: "The registry that `ollama:` names come from.",
    defaultValue: "https://registry.ollama.ai",
    environment: ["FIRESIDE_OLLAMA_REGISTRY"],
    changedBy: "owner",
  }),
  ollamaModels: optional(folder, {
    description: "Ollama's model folder, read in place.",
    otherwise: "Ollama's usual folders",
    environment: ["FIRESIDE_OLLAMA_MODELS", "OLLAMA_MODELS"],
    changedBy: "owner",
  }),
  lmStudioModels: optional(folder, {
    description: "LM Studio's model folder, read in place.",
    otherwise: "LM Studio's usual folders",
    environment: ["FIRESIDE_LM_STUDIO_MODELS"],
    changedBy: "owner",
  }),
  hubCache: optional(folder, {
    description: "The hub's own cache, read in place.",
    otherwise: "~/.cache/huggingface/hub",
    environment: [
      "FIRESIDE_HUB_CACHE",
      "HF_HUB_CACHE",
      { name: "HF_HOME", read: (value) => `${value.replace(/\/+$/, "")}/hub` },
    ],
    changedBy: "owner",
  }),
  llamaCppCache: optional(folder, {
    description: "llama.cpp's own cache, read in place.",
    otherwise: "llama.cpp's usual folder",
    environment: ["FIRESIDE_LLAMA_CPP_CACHE", "LLAMA_CACHE"],
    changedBy: "owner",
  }),
  pipCommand: defaulted(text({ maxLength: LONGEST_TEXT }), {
    description: "Python's package client, for models that are shipped as `pip:` packages.",
    defaultValue: "pip",
    environment: ["FIRESIDE_PIP_COMMAND"],
    changedBy: "terminal",
  }),
  npmCommand: defaulted(text({ maxLength: LONGEST_TEXT }), {
    description: "Node's package client, for models that are shipped as `npm:` packages.",
    defaultValue: "npm",
    environment: ["FIRESIDE_NPM_COMMAND"],
    changedBy: "terminal",
  }),
  limitRate: optional(sizeBytes({ min: 1_024 }), {
    description: "Most bytes per second that downloads take.",
    otherwise: "as fast as it goes",
    environment: ["FIRESIDE_LIMIT_RATE"],
  }),
  defaultModel: optional(text({ maxLength: NAME_LIMITS.referenceLength }), {
    description: "The model that is used when none is named.",
    otherwise: "the one used last",
    environment: ["FIRESIDE_DEFAULT_MODEL"],
  }),
  threads: optional(wholeNumber({ min: 1, max: 1_024 }), {
    description: "Threads that compute.",
    otherwise: "one for each processor core that may be used",
    environment: ["FIRESIDE_THREADS"],
  }),
  contextLength: optional(wholeNumber({ min: 16, max: GGUF_LIMITS.contextLength }), {
    description: "Tokens that a conversation may hold.",
    otherwise: "what the model was trained for, as far as memory allows",
    environment: ["FIRESIDE_CONTEXT_LENGTH"],
  }),
  kvType: optional(choice(["f16", "bf16", "q8_0"]), {
    description: "Number format of the keys and values kept for the context: smaller ones need less memory.",
    otherwise: "the plan chooses",
    environment: ["FIRESIDE_KV_TYPE"],
  }),
  sharesCells: optional(yesOrNo, {
    description:
      "Answers that are written at once hold a common beginning once, in place of a copy each: for many users of one long prompt. Long chats without one get slower.",
    otherwise: "each has its own copy",
    environment: ["FIRESIDE_SHARES_CELLS"],
  }),
  "cache.disk": defaulted(sizeBytes({ min: 0 }), {
    description:
      "Most room on disk for computed prefixes, which make a long chat go on at once after a restart; 0 keeps none. Never more than a quarter of what is free.",
    defaultValue: 4 * 2 ** 30,
    environment: ["FIRESIDE_CACHE_DISK"],
  }),
  "cache.memory": defaulted(sizeBytes({ min: 0 }), {
    description: "Main memory for computed prefixes that no answer is using, for each model.",
    defaultValue: 256 * 2 ** 20,
    environment: ["FIRESIDE_CACHE_MEMORY"],
  }),
  speculation: defaulted(yesOrNo, {
    description:
      "Tokens that an answer repeats from its own text are guessed ahead and checked together, where that is faster. A request may say otherwise.",
    defaultValue: true,
    environment: ["FIRESIDE_SPECULATION"],
  }),
  deterministic: optional(yesOrNo, {
    description:
      "The same input gives the same text, whatever else is answered at the time. Models whose weights are Q4_0, Q4_1 or Q8_0 can; others are refused. Long prompts take longer.",
    otherwise: "no: the same input may give another text",
    environment: ["FIRESIDE_DETERMINISTIC"],
  }),
  "cache.normalise": defaulted(yesOrNo, {
    description:
      "Makes what known programs change in their system prompt at each request steady, so that the rest is not computed anew.",
    defaultValue: true,
    environment: ["FIRESIDE_CACHE_NORMALISE"],
  }),
  parallel: optional(wholeNumber({ min: 1, max: QUEUE_LIMITS.parallel }), {
    description: "Answers that the server's models write at once, each model by itself.",
    otherwise: "as many as fit in memory, at most 4",
    environment: ["FIRESIDE_PARALLEL", "OLLAMA_NUM_PARALLEL"],
  }),
  queueLength: defaulted(wholeNumber({ min: 0, max: 10_000 }), {
    description: "Requests that may wait for their turn; more are refused at once.",
    defaultValue: QUEUE_LIMITS.length,
    environment: ["FIRESIDE_QUEUE", "OLLAMA_MAX_QUEUE"],
  }),
  keepAlive: defaulted(duration, {
    description: "How long a model stays loaded after its last use.",
    defaultValue: 5 * 60_000,
    environment: ["FIRESIDE_KEEP_ALIVE"],
  }),
  memoryLimit: optional(sizeBytes({ min: 64 * 1_024 * 1_024 }), {
    description: "Most memory that models may take together.",
    otherwise: "what the machine or its cgroup has",
    environment: ["FIRESIDE_MEMORY_LIMIT"],
  }),
  host: defaulted(text({ maxLength: 253 }), {
    description: "Address that the server listens on.",
    defaultValue: "127.0.0.1",
    environment: ["FIRESIDE_HOST"],
    changedBy: "owner",
  }),
  port: defaulted(wholeNumber({ min: 0, max: 65_535 }), {
    description: "Port that the server listens on; 0 takes a free one.",
    defaultValue: 3_473,
    environment: ["FIRESIDE_PORT"],
    changedBy: "owner",
  }),
  ollamaPort: optional(wholeNumber({ min: 0, max: 65_535 }), {
    description: "A second port, for programs that know only Ollama's (11434).",
    otherwise: "there is no second port",
    environment: ["FIRESIDE_OLLAMA_PORT"],
    changedBy: "owner",
  }),
  tlsCertificate: optional(file, {
    description: "The server's certificate with its chain, a PEM file.",
    otherwise: "the server speaks plain HTTP, on loopback only",
    environment: ["FIRESIDE_TLS_CERTIFICATE"],
    changedBy: "terminal",
  }),
  tlsKey: optional(file, {
    description: "The private key of the server's certificate, a PEM file.",
    otherwise: "the server speaks plain HTTP, on loopback only",
    environment: ["FIRESIDE_TLS_KEY"],
    changedBy: "terminal",
  }),
  allowedHosts: optional(hostNames, {
    description: "Names under which the server may be called, beside its own.",
    otherwise: "only its own names",
    environment: ["FIRESIDE_ALLOWED_HOSTS"],
    changedBy: "owner",
  }),
  allowedOrigins: optional(origins, {
    description: "Origins of pages that may call the server.",
    otherwise: "only its own pages",
    environment: ["FIRESIDE_ALLOWED_ORIGINS"],
    changedBy: "owner",
  }),
  requireKey: defaulted(yesOrNo, {
    description: "Asks for a key on loopback too.",
    defaultValue: false,
    environment: ["FIRESIDE_REQUIRE_KEY"],
    changedBy: "owner",
  }),
  logLevel: defaulted(choice(["debug", "info", "warn", "error"]), {
    description: "The least important lines that go to the log.",
    defaultValue: "info",
    environment: ["FIRESIDE_LOG_LEVEL"],
  }),
  noColor: defaulted(yesOrNo, {
    description: "Writes to the terminal without colours.",
    defaultValue: false,
    // By the convention of no-color.org any text means yes.
    environment: ["FIRESIDE_NO_COLOR", { name: "NO_COLOR", read: () => "true" }],
  }),
} as const

type Table = typeof SETTINGS
export type SettingKey = keyof Table

/** The values, by key. `home` is always there: it is found when nobody names it. */
export type SettingValues = {
  readonly [Key in Exclude<SettingKey, "home">]: Table[Key] extends DefaultedDefinition<infer Value>
    ? Value
    : Table[Key] extends SettingDefinition<infer Value>
      ? Value | undefined
      : never
} & { readonly home: string }
