import { testGoldens } from "../golden.fixture.ts"
import { encodeError } from "./errors.ts"
import { openaiRoutes } from "./routes.ts"

testGoldens({
  folder: new URL("./golden/", import.meta.url),
  routes: openaiRoutes,
  encodeError,
  change: {
    async rerank({ model, documents }) {
      const scores = documents.map((text) => text.length / 100)
      return { model, scores, promptTokens: 12, totalMs: 3 }
    },
    render: async (request) => ({
      text: request.messages.map((message) => `<|${message.role}|>${message.content}`).join(""),
      tokens: [],
      fromTemplate: [],
      kinds: [],
      ends: [],
      contextLength: 2048,
    }),
  },
})
