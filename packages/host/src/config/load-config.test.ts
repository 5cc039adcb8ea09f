import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createTemporaryHome, type TemporaryHome } from "../testing.ts"
import { describeSettings } from "./describe-settings.ts"
import { type ConfigInput, loadConfig } from "./load-config.ts"
import { setConfigValue } from "./set-config-value.ts"

let home: TemporaryHome
beforeEach(async () => {
  home = await createTemporaryHome()
})
afterEach(async () => {
  await home[Symbol.asyncDispose]()
})

const user: NonNullable<ConfigInput["user"]> = { platform: "linux", userHome: () => "/home/ada" }
const load = (environment: Record<string, string> = {}, flags: Record<string, unknown> = {}) =>
  loadConfig({ environment: { FIRESIDE_HOME: home.paths.home, ...environment }, flags, user })
const writeFile = (text: string): void => writeFileSync(join(home.paths.home, "config.json"), text)

describe("where a value comes from", () => {
  test("defaults < file < environment < flags, and each source is kept", () => {
    expect(load().values.port).toBe(3473)
    expect(load().sourceOf("port")).toEqual({ type: "default" })
    writeFile('{"port": 1}')
    expect(load().values.port).toBe(1)
    expect(load().sourceOf("port")).toEqual({ type: "file", path: load().path })
    expect(load({ FIRESIDE_PORT: "2" }).values.port).toBe(2)
    expect(load({ FIRESIDE_PORT: "2" }).sourceOf("port")).toEqual({
      type: "environment",
      name: "FIRESIDE_PORT",
    })
    const flagged = load({ FIRESIDE_PORT: "2" }, { port: "3" })
    expect([flagged.values.port, flagged.sourceOf("port")]).toEqual([3, { type: "flag" }])
  })

  test("our own variable wins over one shared with other programs; empty ones do not count", () => {
    expect(load({ HF_ENDPOINT: "https://a.example" }).values.hfEndpoint).toBe("https://a.example")
    const both = load({ HF_ENDPOINT: "https://a.example", FIRESIDE_HF_ENDPOINT: "https://b.example/" })
    expect(both.values.hfEndpoint).toBe("https://b.example")
    expect(load({ HF_ENDPOINT: " " }).values.hfEndpoint).toBe("https://huggingface.co")
    expect(load({ FIRESIDE_PORT: "" }, { port: undefined }).sourceOf("port").type).toBe("default")
  })

  test("paths are made absolute, of folders and of files", () => {
    const { llamaDir, tlsKey, tlsCertificate } = load({
      FIRESIDE_LLAMA_DIR: "~/llama",
      FIRESIDE_TLS_KEY: "~/key.pem",
      FIRESIDE_TLS_CERTIFICATE: "c.pem",
      HOME: "/home/ada",
    }).values
    expect([llamaDir, tlsKey, tlsCertificate]).toEqual([
      "/home/ada/llama",
      "/home/ada/key.pem",
      join(process.cwd(), "c.pem"),
    ])
  })

  test("variables of other programs are read as those programs mean them", () => {
    expect(load({ HF_HOME: "/x/" }).values.hubCache).toBe("/x/hub")
    expect(load({ HF_HOME: "/x", HF_HUB_CACHE: "/y" }).values.hubCache).toBe("/y")
    expect(load({ NO_COLOR: "0" }).values.noColor).toBe(true)
    expect(load({ NO_COLOR: "" }).values.noColor).toBe(false)
  })

  test("a broken value that is not used is not complained about", () => {
    expect(load({ FIRESIDE_PORT: "nonsense" }, { port: 5 }).values.port).toBe(5)
  })
})

describe("what is refused, with key and source", () => {
  test.each<[string, Record<string, string>, Record<string, unknown>, string | undefined, RegExp]>([
    ["unknown key in the file", {}, {}, '{"prot": 1}', /`prot` \(from the file .*config\.json\)/],
    ["unknown flag", {}, { prot: 1 }, undefined, /`prot` \(from the command line\)/],
    ["unknown variable", { FIRESIDE_PROT: "1" }, {}, undefined, /variable FIRESIDE_PROT is not a setting/],
    ["inherited name", {}, {}, '{"constructor": 1}', /`constructor`/],
    ["home in the file", {}, {}, '{"home": "/x"}', /`home` cannot stand in/],
    ["wrong type in the file", {}, {}, '{"port": true}', /`port` cannot be true \(from the file/],
    [
      "wrong value in the environment",
      { FIRESIDE_PORT: "65536" },
      {},
      undefined,
      /`port` cannot be "65536" \(from the environment variable FIRESIDE_PORT\)/,
    ],
    ["wrong flag", {}, { engine: "gpt" }, undefined, /`engine` cannot be "gpt" \(from the command line\)/],
    ["not an object", {}, {}, "[]", /does not hold one JSON object/],
    ["not JSON", {}, {}, "{port: 1}", /settings file .*config\.json cannot be read/],
  ])("%s", (_name, environment, flags, file, message) => {
    if (file !== undefined) writeFile(file)
    expect(() => load(environment, flags)).toThrow(expect.objectContaining({ code: "bad-config" }))
    expect(() => load(environment, flags)).toThrow(message)
  })

  test("a slip of the pen is recognised", () => {
    expect(() => load({ FIRESIDE_PROT: "1" })).toThrow(
      expect.objectContaining({ hint: "Did you mean FIRESIDE_PORT?" }),
    )
    expect(() => load({}, { treads: 1 })).toThrow(expect.objectContaining({ hint: "Did you mean threads?" }))
  })

  test("variables for tests and scripts are left alone", () => {
    expect(load({ FIRESIDE_TEST_CACHE: "/x", FIRESIDE_BENCH: "1" }).values.port).toBe(3473)
  })

  test("a file of 256 KiB is read, one byte more is not", () => {
    const fill = 256 * 1024 - '{"defaultModel":"a"}'.length
    writeFile(`{"defaultModel":"a"}${" ".repeat(fill)}`)
    expect(load().values.defaultModel).toBe("a")
    writeFile(`{"defaultModel":"a"}${" ".repeat(fill + 1)}`)
    expect(() => load()).toThrow(/larger than/)
  })
})

test("secrets are in the values and nowhere else", () => {
  const config = load({ HF_TOKEN: "hf_secret" })
  expect(config.values.hfToken).toBe("hf_secret")
  expect(JSON.stringify(config.list())).not.toMatch(/hf_secret/)
  expect(config.list().find((it) => it.key === "hfToken")?.value).toBe("(secret)")
  try {
    load({ HF_TOKEN: "hf_secret\nInjected: header" })
    expect.unreachable()
  } catch (error) {
    expect(String(error) + JSON.stringify(error)).not.toContain("hf_secret")
  }
})

describe("the data folder", () => {
  const homeOf = (environment: Record<string, string>, other: Partial<typeof user> = {}): string =>
    loadConfig({ environment, user: { ...user, ...other } }).values.home

  test.each<[Record<string, string>, NodeJS.Platform, string]>([
    [{ HOME: "/h" }, "linux", "/h/.local/share/fireside"],
    [{ HOME: "/h", XDG_DATA_HOME: "/d" }, "linux", "/d/fireside"],
    [{ HOME: "/h", XDG_DATA_HOME: "relative" }, "linux", "/h/.local/share/fireside"],
    [{ HOME: "" }, "linux", "/home/ada/.local/share/fireside"],
    [{}, "linux", "/home/ada/.local/share/fireside"],
    [{ HOME: "/Users/a" }, "darwin", "/Users/a/Library/Application Support/fireside"],
    [{ FIRESIDE_HOME: "~/x", HOME: "/h" }, "linux", "/h/x"],
    [{ FIRESIDE_HOME: "/a/../b" }, "linux", "/b"],
  ])("%j on %s is %s", (environment, platform, expected) => {
    expect(homeOf(environment, { platform })).toBe(expected)
  })

  test("a user without a home is told what to set", () => {
    const nobody = {
      userHome: (): string => {
        throw new Error("ENOENT: no such user")
      },
    }
    expect(() => homeOf({}, nobody)).toThrow(
      expect.objectContaining({ code: "cannot-write", hint: expect.stringContaining("FIRESIDE_HOME") }),
    )
    expect(() => homeOf({ HOME: "" }, { userHome: () => "/nonexistent" })).toThrow(/no home/)
    expect(homeOf({ FIRESIDE_HOME: "/d" }, nobody)).toBe("/d")
  })
})

describe("setConfigValue", () => {
  test("writes the value in a form that is read back, and keeps the others", async () => {
    await setConfigValue(home.paths, "keepAlive", "1h")
    await setConfigValue(home.paths, "memoryLimit", "8GiB")
    await setConfigValue(home.paths, "keepAlive", "-1")
    await setConfigValue(home.paths, "offline", "yes")
    expect(load().values).toMatchObject({ keepAlive: Infinity, memoryLimit: 8 * 2 ** 30, offline: true })
    await setConfigValue(home.paths, "memoryLimit", undefined)
    expect(JSON.parse(readFileSync(load().path, "utf8"))).toEqual({ keepAlive: -1, offline: true })
  })

  test("refuses what loading would refuse, and leaves the file alone", async () => {
    await setConfigValue(home.paths, "port", 80)
    for (const [key, value] of [
      ["prot", 1],
      ["port", 65_536],
      ["home", "/x"],
    ] as const)
      await expect(setConfigValue(home.paths, key, value)).rejects.toMatchObject({ code: "bad-config" })
    expect(JSON.parse(readFileSync(load().path, "utf8"))).toEqual({ port: 80 })
  })

  test("changes at the same time are all kept", async () => {
    await Promise.all([
      setConfigValue(home.paths, "port", 1),
      setConfigValue(home.paths, "threads", 2),
      setConfigValue(home.paths, "engine", "echo"),
    ])
    expect(load().values).toMatchObject({ port: 1, threads: 2, engine: "echo" })
  })

  test("a file that cannot be replaced is reported", async () => {
    mkdirSync(join(home.paths.home, "config.json"))
    await expect(setConfigValue(home.paths, "port", 1)).rejects.toMatchObject({ code: "bad-config" })
  })
})

test("every setting is described, and every default is one that is accepted", () => {
  for (const setting of describeSettings()) {
    expect(setting.description).toMatch(/\.$/)
    expect(setting.environment[0]).toMatch(/^FIRESIDE_[A-Z_]+$/)
    expect(setting.defaultValue).not.toBe("nothing")
  }
  const listed = load().list()
  expect(listed.map((it) => it.key)).toEqual(describeSettings().map((it) => it.key))
  for (const { key, value, source } of listed)
    if (value !== undefined && source.type === "default")
      expect(load({}, { [key]: value }).values[key]).toBe(load().values[key])
})
