import { Agent } from "node:http"
import { expect, test } from "vitest"
import { keepServers, type ServerChoice } from "./chat-server.ts"

test("a server starts with its first round, stays for all and ends with the scenario", async () => {
  const told: string[] = []
  const choice = (name: string): ServerChoice => ({
    name,
    description: name,
    start() {
      told.push(`${name} starts`)
      return Promise.resolve({
        url: name,
        agent: new Agent(),
        model: "any",
        pid: 0,
        [Symbol.asyncDispose]: () => Promise.resolve(void told.push(`${name} ends`)),
      })
    },
  })
  const kept = keepServers([choice("a"), choice("b")], (server, round) => {
    told.push(`${server.url} ${round}`)
    return Promise.resolve({ round })
  })
  expect(told).toEqual([])
  const { signal } = new AbortController()
  for (let round = 0; round < 2; round++)
    for (const contestant of kept.contestants) expect(await contestant.measure(signal)).toEqual({ round })
  await kept[Symbol.asyncDispose]()
  expect(told).toEqual(["a starts", "a 0", "b starts", "b 0", "a 1", "b 1", "a ends", "b ends"])
})
