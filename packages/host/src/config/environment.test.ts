import { expect, test } from "vitest"
import { readChildEnvironment } from "./environment.ts"

test("a child gets the language and where programs are, and no key, home or proxy", () => {
  const given = {
    PATH: "/bin",
    LANG: "C.UTF-8",
    HOME: "/home/ada",
    HF_TOKEN: "canary",
    HTTPS_PROXY: "http://canary",
    NODE_OPTIONS: "--require /tmp/canary.js",
    AWS_SECRET_ACCESS_KEY: "canary",
    FIRESIDE_HOME: "/canary",
    LC_ALL: undefined,
  }
  expect(readChildEnvironment(given)).toEqual({ PATH: "/bin", LANG: "C.UTF-8" })
})
