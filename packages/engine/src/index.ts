export type { BenchmarkOptions, BenchmarkResult, ScoreOptions, TokenScores } from "./child/messages.ts"
export { listPrefixFiles, type PrefixFile, removePrefixFiles } from "./child/prefix/files/prefix-files.ts"
export {
  createEchoEngine,
  type EchoAnswer,
  type EchoClock,
  type EchoEngineOptions,
} from "./echo-engine.ts"
export type {
  AdapterUse,
  Embeddings,
  Engine,
  ForgetWish,
  GenerateOptions,
  Model,
  ModelActivity,
  ModelFacts,
  ModelFile,
  PrefixCache,
  Prompt,
  RenderedPrompt,
} from "./engine.ts"
export { createLlamaEngine, type LlamaEngine, type LlamaEngineOptions } from "./llama-engine.ts"
export type { LlamaModel } from "./supervisor/llama-model.ts"
export type { SelfTestReport } from "./supervisor/self-test.ts"
