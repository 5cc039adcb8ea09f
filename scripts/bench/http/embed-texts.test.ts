import { once } from "node:events"
import { Agent, createServer } from "node:http"
import { expect, test } from "vitest"
import { embedTexts } from "./embed-texts.ts"

test("a vector for each text, or an error", async () => {
  const server = createServer((_, response) => {
    response.end('{"data":[{"embedding":[1,0]},{"embedding":[0,1]}],"usage":{"prompt_tokens":6}}')
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  const agent = new Agent()
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
  const embed = (input: readonly string[]) =>
    embedTexts({ url, agent }, { model: "any", input }, new AbortController().signal)
  const embedded = await embed(["a", "b"])
  expect(embedded).toMatchObject({
    promptTokens: 6,
    vectors: [
      [1, 0],
      [0, 1],
    ],
  })
  expect(embedded.ms).toBeGreaterThan(0)
  await expect(embed(["a"])).rejects.toThrow("1 texts gave 2 vectors")
  agent.destroy()
  server.close()
})
