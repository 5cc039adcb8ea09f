import { SamplingOptions } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { COMMANDS } from "./command-module.ts"
import { type CommandReference, commandReference } from "./command-reference.ts"

const flatten = (command: CommandReference): readonly CommandReference[] => [
  command,
  ...command.commands.flatMap(flatten),
]

describe("the reference", () => {
  test("has every command of the table, with its summary and usage", async () => {
    const root = await commandReference()
    expect(root.commands.map((it) => it.path)).toEqual(COMMANDS.map((it) => `fireside ${it.name}`))
    expect(
      root.commands
        .find((it) => it.path === "fireside privacy")
        ?.commands.map((it) => it.path.split(" ").at(-1)),
    ).toEqual(["status", "ledger", "lock", "unlock", "allow", "verify"])
  })

  test("every command, argument and flag says what it is", async () => {
    for (const command of flatten(await commandReference())) {
      expect(command.description, command.path).toMatch(/\.$/)
      for (const argument of command.arguments)
        expect(argument.description, `${command.path} ${argument.name}`).not.toBe("")
      for (const flag of command.flags) expect(flag.description, `${command.path} ${flag.flags}`).not.toBe("")
    }
  })

  test("run has a flag for every sampling parameter", async () => {
    const run = (await commandReference()).commands.find((it) => it.path === "fireside run")
    const flags = run?.flags.filter((it) => it.group === "Sampling").map((it) => it.flags.split(" ")[0])
    const keys = Object.keys(SamplingOptions.shape).map(
      (key) => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    )
    expect(flags?.toSorted()).toEqual(keys.toSorted())
  })
})
