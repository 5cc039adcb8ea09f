import { spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, expect, test } from "vitest"
import { layoutOf } from "./paths.ts"
import { prepareHome } from "./prepare-home.ts"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fireside-test-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const modeOf = (path: string): number => statSync(path).mode & 0o777

test("makes every folder for this user alone, and does it again without complaint", async () => {
  const paths = layoutOf(join(folder, "é 'quoted' 🔥", "home"))
  await prepareHome(paths)
  await prepareHome(paths)
  const { database: _, ...folders } = paths
  for (const place of Object.values(folders)) expect(modeOf(place)).toBe(0o700)
})

test("takes the rights of others away", async () => {
  const paths = layoutOf(join(folder, "home"))
  mkdirSync(paths.logs, { recursive: true })
  chmodSync(paths.home, 0o755)
  chmodSync(paths.logs, 0o777)
  await prepareHome(paths)
  expect(modeOf(paths.home)).toBe(0o700)
  expect(modeOf(paths.logs)).toBe(0o700)
})

test("a file in the way is named, with the fix", async () => {
  writeFileSync(join(folder, "home"), "")
  await expect(prepareHome(layoutOf(join(folder, "home")))).rejects.toMatchObject({
    code: "cannot-write",
    message: expect.stringContaining(join(folder, "home")),
    hint: expect.stringContaining("FIRESIDE_HOME"),
  })
  await expect(prepareHome(layoutOf(join(folder, "home", "below")))).rejects.toMatchObject({
    code: "cannot-write",
  })
})

test("a path that is too long says so", async () => {
  await expect(prepareHome(layoutOf(join(folder, "x".repeat(300))))).rejects.toMatchObject({
    code: "cannot-write",
    message: expect.stringContaining("longer"),
  })
})

test.skipIf(process.platform !== "linux")(
  "a folder that can have no children is refused, not tried for ever (needs Linux)",
  async () => {
    await expect(prepareHome(layoutOf("/proc/fireside/home"))).rejects.toMatchObject({
      code: "cannot-write",
      message: expect.stringContaining("/proc/fireside"),
    })
  },
)

/** What `prepareHome` says to user 65534 (nobody), who may read the sources but owns nothing. */
function asNobody(home: string): { readonly code: string; readonly message: string; readonly hint: string } {
  const source = `
    const { layoutOf } = await import(${JSON.stringify(urlOf("./paths.ts"))})
    const { prepareHome } = await import(${JSON.stringify(urlOf("./prepare-home.ts"))})
    await prepareHome(layoutOf(process.argv[1])).then(
      () => console.log(JSON.stringify({ code: "done", message: "", hint: "" })),
      (error) => console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint })),
    )`
  const done = spawnSync(process.execPath, ["--input-type=module", "-e", source, home], {
    uid: 65_534,
    gid: 65_534,
    encoding: "utf8",
    cwd: "/",
  })
  return JSON.parse(done.stdout)
}

const urlOf = (module: string): string => new URL(module, import.meta.url).href

const canBeNobody =
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, [fileURLToPath(urlOf("./clock.ts"))], { uid: 65_534, gid: 65_534, cwd: "/" })
    .status === 0

// Only root can become another user, and the sources must be readable to that one.
test.skipIf(!canBeNobody)(
  "a folder of another user, or one that may not be written, is named with the fix (needs root)",
  () => {
    chmodSync(folder, 0o755)
    mkdirSync(join(folder, "home"), { mode: 0o755 })
    const foreign = asNobody(join(folder, "home"))
    expect(foreign.code).toBe("cannot-write")
    expect(foreign.message).toContain("belongs to another user")
    expect(foreign.hint).toContain("chown")
    const forbidden = asNobody(join(folder, "new"))
    expect(forbidden.code).toBe("cannot-write")
    expect(forbidden.message).toContain(join(folder, "new"))
    expect(forbidden.message).toContain("may not be written")
  },
)
