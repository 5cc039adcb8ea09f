// Calls whose parameters are tags: Qwen3-Coder's `<function=name><parameter=key>value</parameter></function>`, GLM's
// `name<arg_key>key</arg_key><arg_value>value</arg_value>`, and `<function=name>{…}</function>`.
import type { ToolDefinition } from "@fireside/protocol"
import { repairJson } from "./json-reader.ts"

export interface TaggedCall {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** Undefined when the text is no such call. */
export function readTaggedCall(text: string, tools: readonly ToolDefinition[]): TaggedCall | undefined {
  const trimmed = text.trim()
  const inFunction = /^<function=([^>\s]+)>([\s\S]*?)(?:<\/function>)?$/.exec(trimmed)
  if (inFunction !== null) return readFunction(inFunction[1] ?? "", inFunction[2] ?? "", tools)
  const glm = /^([\w.-]+)\s*((?:<arg_key>[\s\S]*<\/arg_value>)?)$/.exec(trimmed)
  if (glm === null || !tools.some((tool) => tool.name === glm[1])) return undefined
  return collect(
    glm[1] ?? "",
    glm[2] ?? "",
    /\s*<arg_key>([\s\S]*?)<\/arg_key>\s*<arg_value>([\s\S]*?)<\/arg_value>\s*/y,
    tools,
  )
}

function readFunction(name: string, body: string, tools: readonly ToolDefinition[]): TaggedCall | undefined {
  if (body.trimStart().startsWith("{")) {
    const value = repairJson(body)
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { name, arguments: { ...value } }
      : undefined
  }
  return collect(name, body, /\s*<parameter=([^>\s]+)>([\s\S]*?)<\/parameter>\s*/y, tools)
}

function collect(
  name: string,
  body: string,
  pattern: RegExp,
  tools: readonly ToolDefinition[],
): TaggedCall | undefined {
  const args: Record<string, unknown> = {}
  let at = 0
  while (body.slice(at).trim() !== "") {
    pattern.lastIndex = at
    const found = pattern.exec(body)
    const [all, key, value] = found ?? []
    if (all === undefined || key === undefined || value === undefined) return undefined
    args[key] = readValue(name, key, value, tools)
    at += all.length
  }
  return { name, arguments: args }
}

/** What the schema calls a string stays one; anything else is read as JSON when it is JSON. */
function readValue(name: string, key: string, text: string, tools: readonly ToolDefinition[]): unknown {
  // The line ends around a value belong to the form.
  const plain = text.replace(/^\n/, "").replace(/\n$/, "")
  const properties = tools.find((tool) => tool.name === name)?.parameters.properties
  const schema: unknown =
    typeof properties === "object" && properties !== null && Object.hasOwn(properties, key)
      ? Reflect.get(properties, key)
      : undefined
  const type = typeof schema === "object" && schema !== null && "type" in schema ? schema.type : undefined
  if (type === "string") return plain
  return repairJson(plain) ?? (plain.trim() === "null" ? null : plain)
}
