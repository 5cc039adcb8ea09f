// docs/reference/cli.md: every command as `--help` prints it.
import { commandReference } from "@fireside/cli"
import { GENERATED } from "./table.ts"

export async function renderCommands(): Promise<string> {
  const commands = await commandReference()
  const sections = commands.map(({ name, help }) => `## ${name}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`)
  return `${GENERATED}

# Commands

Standard output carries only the answer or the listing; progress and notices go to standard error. Exit codes are in [errors.md](errors.md).

${sections.join("\n")}`
}
