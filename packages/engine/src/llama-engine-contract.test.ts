import { describeEngineContract } from "./engine.contract.ts"
import { startTinyEngine } from "./llama-engine.fixture.ts"

describeEngineContract("llama.cpp with a tiny model", async () => {
  const tiny = await startTinyEngine({
    model: { layers: 2, contextLength: 2_048 },
    plan: { contextLength: 2_048, embeddings: true },
  })
  return {
    model: tiny.model,
    dispose: async () => {
      await tiny[Symbol.asyncDispose]()
    },
  }
})
