// docs/reference/settings.md: every setting, its values, its default and its variables.
import { describeSettings } from "@fireside/host"
import { code, GENERATED, table } from "./table.ts"

export function renderSettings(): string {
  const rows = describeSettings().map((setting) => [
    code(setting.key),
    setting.secret ? `${setting.description} Never printed or logged.` : setting.description,
    setting.accepts,
    setting.defaultValue,
    setting.environment.map(code).join(", "),
    setting.inFile ? "yes" : "no",
  ])
  return `${GENERATED}

# Settings

Each setting is looked for in this order, and the last that is found counts: the default, \`config.json\` in the data folder (one flat
object; \`fireside config set KEY VALUE\` writes it), the environment, the command's flag. Of several variables the first that is set counts.

${table(["setting", "what it is", "accepts", "default", "variables", "in the file"], rows)}
`
}
