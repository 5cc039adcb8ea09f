import { spawnSync } from "node:child_process"
import { statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { makeFolder, makeFolderNow } from "./make-folder.ts"
import { createTemporaryHome } from "./testing.ts"

const both = [
  ["makeFolder", makeFolder],
  ["makeFolderNow", async (folder: string) => makeFolderNow(folder)],
] as const

describe.each(both)("%s", (name, make) => {
  test("makes what is missing, for this user alone; a second time does nothing", async () => {
    await using home = await createTemporaryHome()
    const folder = join(home.paths.run, "a", "b", "c")
    await make(folder)
    await make(folder)
    expect(statSync(folder).isDirectory()).toBe(true)
    if (process.platform !== "win32") expect(statSync(join(home.paths.run, "a")).mode & 0o777).toBe(0o700)
  })

  test("below a file it fails", async () => {
    await using home = await createTemporaryHome()
    const file = join(home.paths.run, "file")
    writeFileSync(file, "")
    await expect(make(join(file, "a", "b"))).rejects.toMatchObject({ code: "ENOTDIR" })
  })

  // In a process of its own: what never ends would block this one.
  test.skipIf(process.platform !== "linux")("ends below /proc (needs Linux)", () => {
    const source = `
      const made = await import(${JSON.stringify(new URL("./make-folder.ts", import.meta.url).href)})
      try { await made.${name}("/proc/fireside/run"); console.log("made") } catch (error) { console.log(error.code) }`
    const done = spawnSync(process.execPath, ["--input-type=module", "-e", source], {
      timeout: 20_000,
      encoding: "utf8",
    })
    expect(done.stdout.trim()).toBe("ENOENT")
  })
})
