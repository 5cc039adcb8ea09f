// The licences of the libraries inside the bundle, which their authors ask to travel with it.
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** `inputs` are the bundled files as paths from the root. */
export function collectNotices(root: string, inputs: readonly string[]): string {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined))
  const notices = [...folders].sort().map((folder) => noticeOf(root, folder))
  return [
    "# Third-party notices",
    "",
    "This package contains code of the libraries below.",
    "",
    ...notices,
  ].join("\n")
}

function packageFolder(input: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]
}

function noticeOf(root: string, folder: string): string {
  const path = join(root, folder)
  const { name, version, license } = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as {
    name: string
    version: string
    license?: string
  }
  const texts = readdirSync(path)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .map((file) => readFileSync(join(path, file), "utf8").trim())
  const text = texts.length === 0 ? "(The package carries no text of its licence.)" : texts.join("\n\n")
  return `## ${name} ${version} (${license ?? "see below"})\n\n\`\`\`\n${text}\n\`\`\`\n`
}
