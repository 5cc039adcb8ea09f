// Builds the page into a folder: Vite's bundle, the service worker that knows its files, and a compressed copy of each text.
import { createHash } from "node:crypto"
import { readdir, readFile, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { build } from "vite"

const here = dirname(fileURLToPath(import.meta.url))
const ENTRY = "index.html"
/** Kept with the first screen: it says what to do when the server does not answer. */
const HELP = "src/features/help/help-page.tsx"
/** What the document asks for beside its modules. */
const BEFORE_MODULES = "before-schemas.js"

/** An entry of Vite's manifest, as far as it is read. */
interface Chunk {
  readonly file: string
  readonly css?: readonly string[]
  readonly assets?: readonly string[]
  readonly imports?: readonly string[]
}

export interface BuiltPage {
  /** Modules that are in it, absolute paths. */
  readonly inputs: readonly string[]
}

export async function buildPage(folder: string): Promise<BuiltPage> {
  const inputs = new Set<string>()
  // It goes before what Vite is told, and whoever builds may have another one: a test run would get React's slow half as well.
  // biome-ignore lint/style/noProcessEnv: the only place where the bundler looks
  process.env.NODE_ENV = "production"
  await build({
    configFile: join(here, "vite.config.ts"),
    logLevel: "warn",
    build: { outDir: folder, emptyOutDir: true },
    plugins: [{ name: "inputs", moduleParsed: ({ id }) => void inputs.add(id) }],
  })
  const manifestFolder = join(folder, ".vite")
  // Vite wrote it a moment ago.
  const manifest = JSON.parse(await readFile(join(manifestFolder, "manifest.json"), "utf8")) as Record<
    string,
    Chunk
  >
  await rm(manifestFolder, { recursive: true })
  await writeServiceWorker(folder, [...filesOf(manifest, [ENTRY, HELP]), BEFORE_MODULES])
  await compress(folder)
  return { inputs: [...inputs] }
}

/** Files that screens need: their entries, what those import, their style sheets and pictures. */
function filesOf(manifest: Readonly<Record<string, Chunk>>, entries: readonly string[]): readonly string[] {
  const files = new Set<string>()
  const visit = (name: string) => {
    const chunk = manifest[name]
    if (chunk === undefined || files.has(chunk.file)) return
    files.add(chunk.file)
    for (const name of [...(chunk.css ?? []), ...(chunk.assets ?? [])]) files.add(name)
    for (const imported of chunk.imports ?? []) visit(imported)
  }
  for (const entry of entries) visit(entry)
  return [...files].sort()
}

async function writeServiceWorker(folder: string, files: readonly string[]): Promise<void> {
  const source = await readFile(join(here, "service-worker.js"), "utf8")
  const addresses = JSON.stringify(files.map((name) => `/${name}`))
  const version = createHash("sha256").update(source).update(addresses).digest("hex").slice(0, 16)
  await writeFile(
    join(folder, "service-worker.js"),
    source.replace("PAGE-VERSION", version).replace('["PAGE-FILES"]', addresses),
  )
}

async function compress(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(js|css|svg|json|webmanifest)$/.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9 }))
  }
}
