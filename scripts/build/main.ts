// `npm run build`: bundles the product into dist/, which is a package of its own; `npm pack` of the repository carries it too.
// Our code and the small libraries are bundled (lazy imports stay chunks of their own); native packages stay dependencies.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { build, type Metafile } from "esbuild"
import { buildPage } from "../../packages/web/build-page.ts"
import { collectNotices } from "./collect-notices.ts"
import { createManifest, nativeDependencies } from "./create-manifest.ts"

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const dist = join(root, "dist")

/** Bundled libraries of the old kind call `require`; a module has none of its own. */
const REQUIRE = `import { createRequire as createRequireForBundle } from "node:module"
const require = createRequireForBundle(import.meta.url)`

const since = Date.now()
// Built aside and moved at the end: a build that fails leaves the last good one.
const staging = join(root, "node_modules", ".cache", `fireside-build-${process.pid}`)
process.once("exit", () => rmSync(staging, { recursive: true, force: true }))

const native = nativeDependencies(root)
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    program: "packages/cli/src/main.ts",
    // `engine` looks for its child under this name beside the file that it is in.
    "engine-child": "packages/engine/src/child/engine-child.ts",
    // So does `host` for the threads that measure the memory.
    "memory-reader": "packages/host/src/machine/memory-reader.ts",
  },
  outdir: staging,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22.18",
  external: [...Object.keys(native.dependencies), ...Object.keys(native.optionalDependencies)],
  banner: { js: REQUIRE },
  metafile: true,
  // Readable on purpose: whoever wants to know what runs on their computer can open it.
  minify: false,
  legalComments: "none",
  logLevel: "warning",
})

await build({
  absWorkingDir: root,
  entryPoints: { fireside: "scripts/build/launcher.mjs" },
  outdir: staging,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node18",
  logLevel: "warning",
})
chmodSync(join(staging, "fireside.js"), 0o755)
writeFileSync(join(staging, "package.json"), `${JSON.stringify(createManifest(root, native), null, 2)}\n`)
const page = await buildPage(join(staging, "web"))
const pageInputs = page.inputs.filter((path) => path.startsWith(root)).map((path) => relative(root, path))
writeFileSync(
  join(staging, "THIRD-PARTY-NOTICES.md"),
  collectNotices(root, [...Object.keys(metafile.inputs), ...pageInputs]),
)
// The page that shows the API: two files as their maker ships them, beside the bundle.
mkdirSync(join(staging, "swagger-ui"))
for (const name of ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE"])
  copyFileSync(
    join(root, "node_modules", "@fastify", "swagger-ui", name === "LICENSE" ? name : join("static", name)),
    join(staging, "swagger-ui", name),
  )
copyFileSync(join(root, "LICENSE"), join(staging, "LICENSE"))
copyFileSync(join(root, "scripts", "build", "package-readme.md"), join(staging, "README.md"))

rmSync(dist, { recursive: true, force: true })
renameSync(staging, dist)

const { version } = JSON.parse(readFileSync(join(dist, "package.json"), "utf8")) as { version: string }
// npm prints the tarball's name when it packs; programs read that.
if (!process.argv.includes("--quiet"))
  process.stdout.write(`${summary(metafile)} in ${Date.now() - since} ms

Next, from this folder:
  npm pack
  npm install --global ./fireside-${version}.tgz
`)

function summary({ outputs }: Metafile): string {
  const files = Object.values(outputs)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return `dist/: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB`
}
