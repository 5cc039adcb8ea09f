// docs/reference/cli.md: every command with its arguments and flags, from the definitions that parse them.
import { type CommandReference, commandReference, type FlagReference } from "@fireside/cli"
import { code, GENERATED, table } from "./table.ts"

export async function renderCommands(): Promise<string> {
  const root = await commandReference()
  return `${GENERATED}

# Commands

Standard output carries only the answer or the listing; progress and notices go to standard error. Exit codes are in [errors.md](errors.md).
Run from sources, \`fireside\` is \`npm start --\`.

${table(["command", "what it does"], leaves(root).map(indexRow))}

## ${root.path}

${describe(root)}

${root.commands.flatMap((command) => sections(command, 2)).join("\n\n")}
`
}

function indexRow(command: CommandReference): string[] {
  const aliases = command.aliases.map((alias) => `, ${code(alias)}`).join("")
  return [`[${code(command.path)}](#${command.path.replaceAll(" ", "-")})${aliases}`, command.description]
}

/** The commands that do something by themselves, in the order of the help. */
function leaves(command: CommandReference): readonly CommandReference[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)
}

function sections(command: CommandReference, depth: number): string[] {
  const below = command.commands.flatMap((child) => sections(child, depth + 1))
  return [`${"#".repeat(depth)} ${command.path}\n\n${describe(command)}`, ...below]
}

function describe({ usage, description, arguments: given, flags }: CommandReference): string {
  const parts = [description, `\`\`\`text\n${usage}\n\`\`\``]
  if (given.length > 0)
    parts.push(
      table(
        ["argument", "meaning"],
        given.map(({ name, description, required, variadic }) => [
          code(variadic ? `${name}...` : name),
          required ? description : `${description} (optional)`,
        ]),
      ),
    )
  for (const group of new Set(flags.map((flag) => flag.group))) {
    if (group !== "") parts.push(`**${group}**`)
    parts.push(table(["flag", "meaning"], flags.filter((flag) => flag.group === group).map(flagRow)))
  }
  return parts.join("\n\n")
}

function flagRow({ flags, description, choices }: FlagReference): string[] {
  const accepted = choices === undefined ? "" : ` (${choices.map(code).join(", ")})`
  return [code(flags), `${description}${accepted}`]
}
