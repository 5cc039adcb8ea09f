import { loadConfig } from "@fireside/host"
import { createTemporaryHome } from "@fireside/host/testing"
import { expect, test } from "vitest"
import type { Settings } from "./app.ts"
import { createSettings } from "./settings.ts"

function open(home: string, environment: Readonly<Record<string, string>> = {}): Settings {
  const load = () => loadConfig({ environment: { FIRESIDE_HOME: home, ...environment } })
  return createSettings({ config: load(), reload: async () => load(), prepareHome: async () => {} })
}

test("a form gets what it needs of every setting", async () => {
  await using home = await createTemporaryHome()
  const listed = await open(home.paths.home).list()
  const of = (key: string) => listed.find((setting) => setting.key === key)
  expect(of("kvType")).toMatchObject({
    value: null,
    defaultValue: null,
    otherwise: "the plan chooses",
    shape: { type: "choice", choices: ["f16", "bf16", "q8_0"] },
    changedBy: "admin",
    needsRestart: false,
  })
  expect(of("keepAlive")).toMatchObject({ value: "300s", defaultValue: "300s", shape: { type: "duration" } })
  expect(of("port")).toMatchObject({ shape: { type: "whole-number", min: 0, max: 65_535 } })
  for (const setting of listed) expect(setting.accepts, setting.key).not.toBe("")
})

test("what opens the machine or runs programs is not for every admin", async () => {
  await using home = await createTemporaryHome()
  const listed = await open(home.paths.home).list()
  const changedBy = (who: string) => listed.filter((it) => it.changedBy === who).map(({ key }) => key)
  expect(changedBy("terminal")).toEqual([
    "home",
    "llamaDir",
    "sandbox",
    "pipCommand",
    "npmCommand",
    "tlsCertificate",
    "tlsKey",
  ])
  expect(changedBy("owner")).toEqual(
    expect.arrayContaining(["host", "requireKey", "offline", "allowedOrigins", "allowedHosts", "hfToken"]),
  )
})

test("a change is saved at once, and says that this process began with another value", async () => {
  await using home = await createTemporaryHome()
  const settings = open(home.paths.home)
  expect(await settings.set("threads", "3")).toMatchObject({ value: 3, source: "file", needsRestart: true })
  expect(await settings.get("threads")).toMatchObject({ value: 3, needsRestart: true })
  expect((await settings.list()).filter((it) => it.needsRestart).map(({ key }) => key)).toEqual(["threads"])
  expect(await open(home.paths.home).get("threads")).toMatchObject({ value: 3, needsRestart: false })
  expect(await settings.set("threads", "")).toMatchObject({ value: null, needsRestart: false })
})

test("a secret is set and never shown, and a changed one needs a restart too", async () => {
  await using home = await createTemporaryHome()
  const settings = open(home.paths.home)
  const set = await settings.set("hfToken", "hf_secret")
  expect(set).toMatchObject({ value: "(secret)", secret: true, needsRestart: true })
  expect(JSON.stringify(await settings.list())).not.toContain("hf_secret")
})

test("what the environment says stays in force", async () => {
  await using home = await createTemporaryHome()
  const settings = open(home.paths.home, { FIRESIDE_THREADS: "2" })
  expect(await settings.set("threads", "3")).toMatchObject({
    value: 2,
    source: "environment",
    needsRestart: false,
  })
})

test("values that cannot be are refused by name", async () => {
  await using home = await createTemporaryHome()
  const settings = open(home.paths.home)
  await expect(settings.set("threads", "many")).rejects.toMatchObject({ code: "bad-config" })
  await expect(settings.set("home", "/elsewhere")).rejects.toMatchObject({ code: "bad-config" })
  await expect(settings.set("thread", "1")).rejects.toMatchObject({
    code: "not-found",
    hint: "Did you mean threads?",
  })
})
