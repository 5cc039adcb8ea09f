// Puts the guide's pictures, which the e2e run has made, into docs/guide/images. Somebody has looked at them before.
import { copyFile, mkdir, readdir, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..")
const IMAGES = join(ROOT, "docs", "guide", "images")
/** Where `browser.ts` of the e2e tests puts them, unless PICTURES_FOLDER says otherwise. */
const MADE = join(ROOT, "node_modules", ".cache", "fireside-tests", "pictures")
const PREFIX = "guide-"
const MOST_BYTES = 120_000

const [folder = MADE] = process.argv.slice(2)
const names = (await readdir(folder)).filter((name) => name.startsWith(PREFIX) && name.endsWith(".png"))
if (names.length === 0)
  throw new Error(
    `There is no picture of the guide in ${folder}. First: npm run e2e -- test/e2e/page/guide-pictures.test.ts`,
  )
await mkdir(IMAGES, { recursive: true })
for (const name of names) {
  const { size } = await stat(join(folder, name))
  if (size > MOST_BYTES)
    throw new Error(`${name} has ${size} bytes; a picture of the guide may have ${MOST_BYTES}.`)
  await copyFile(join(folder, name), join(IMAGES, name.slice(PREFIX.length)))
  process.stdout.write(`docs/guide/images/${name.slice(PREFIX.length)} (${size} bytes)\n`)
}
