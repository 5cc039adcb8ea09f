export type {
  AdapterUse,
  Engine,
  GenerateOptions,
  Model,
  ModelActivity,
  ModelFacts,
  ModelFile,
  Prompt,
  RenderedPrompt,
} from "./engine.ts"
