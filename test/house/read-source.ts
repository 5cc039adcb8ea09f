// Reads one TypeScript file into the facts that the rules need: imports of every form, and uses of guarded globals.
import ts from "typescript"

export interface ImportFact {
  readonly specifier: string
  readonly line: number
  /** Only types: nothing is loaded at run time. */
  readonly typeOnly: boolean
  /** `import()` or `require()` inside a function. */
  readonly lazy: boolean
}

export interface SourceFacts {
  /** From the repository's root, with `/`. */
  readonly path: string
  readonly lines: number
  readonly imports: readonly ImportFact[]
  /** Lines with `export * from`. */
  readonly exportsAll: readonly number[]
  /** Lines that reach `process.env`, in any spelling. */
  readonly environmentReads: readonly number[]
  /** Uses of global names that nothing in the file declares. */
  readonly globals: readonly { readonly name: string; readonly line: number }[]
  /** Statements other than imports and named re-exports. */
  readonly logic: readonly number[]
}

/** Parses `text`; `guarded` are the global names whose use is reported. */
export function readSource(path: string, text: string, guarded: readonly string[]): SourceFacts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const lineOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
  const imports: ImportFact[] = []
  const environmentReads: number[] = []
  const used: { name: string; line: number }[] = []
  const declared = new Set<string>()

  const visit = (node: ts.Node): void => {
    const found = importOf(node)
    if (found !== undefined) imports.push({ ...found, line: lineOf(node) })
    if (readsEnvironment(node)) environmentReads.push(lineOf(node))
    if (ts.isIdentifier(node) && guarded.includes(node.text)) {
      if (declares(node)) declared.add(node.text)
      else if (isGlobalUse(node)) used.push({ name: node.text, line: lineOf(node) })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return {
    path,
    lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    imports,
    environmentReads,
    exportsAll: file.statements
      .filter((statement) => ts.isExportDeclaration(statement) && !hasNamedExports(statement))
      .map(lineOf),
    globals: used.filter(({ name }) => !declared.has(name)),
    logic: file.statements.filter((statement) => !isDoorStatement(statement)).map(lineOf),
  }
}

function importOf(node: ts.Node): Omit<ImportFact, "line"> | undefined {
  if (ts.isImportDeclaration(node))
    return named(node.moduleSpecifier, { typeOnly: isTypeImport(node), lazy: false })
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined)
    return named(node.moduleSpecifier, { typeOnly: node.isTypeOnly, lazy: false })
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return named(node.argument.literal, { typeOnly: true, lazy: false })
  if (ts.isCallExpression(node) && isLoadCall(node))
    return named(node.arguments[0], { typeOnly: false, lazy: isInsideFunction(node) })
  return undefined
}

function named(
  specifier: ts.Node | undefined,
  how: Pick<ImportFact, "typeOnly" | "lazy">,
): Omit<ImportFact, "line"> | undefined {
  return specifier !== undefined && ts.isStringLiteralLike(specifier)
    ? { specifier: specifier.text, ...how }
    : undefined
}

/** `import()`, `require()`, `require.resolve()`, `import.meta.resolve()`, `createRequire(…)()`. */
function isLoadCall({ expression }: ts.CallExpression): boolean {
  if (expression.kind === ts.SyntaxKind.ImportKeyword) return true
  if (ts.isIdentifier(expression)) return expression.text === "require"
  if (ts.isPropertyAccessExpression(expression) && expression.name.text === "resolve")
    return ["require", "import.meta"].includes(expression.expression.getText())
  return ts.isCallExpression(expression) && expression.expression.getText() === "createRequire"
}

function isInsideFunction(node: ts.Node): boolean {
  for (let above = node.parent; above !== undefined; above = above.parent)
    if (ts.isFunctionLike(above)) return true
  return false
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = importClause.namedBindings
  return (
    importClause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly)
  )
}

/** `process.env`, `process["env"]`, `const { env } = process`, `import { env } from "node:process"`. */
function readsEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === "env" && isProcess(node.expression)
  if (ts.isElementAccessExpression(node))
    return (
      ts.isStringLiteralLike(node.argumentExpression) &&
      node.argumentExpression.text === "env" &&
      isProcess(node.expression)
    )
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name))
    return (
      node.initializer !== undefined &&
      isProcess(node.initializer) &&
      node.name.elements.some((element) => (element.propertyName ?? element.name).getText() === "env")
    )
  if (ts.isImportSpecifier(node) && (node.propertyName ?? node.name).text === "env") {
    const from = node.parent.parent.parent.moduleSpecifier.getText()
    return /["'](node:)?process["']/.test(from)
  }
  return false
}

function isProcess(node: ts.Expression): boolean {
  return ["process", "globalThis.process", "global.process"].includes(node.getText())
}

/** Is this identifier a name that the file brings in itself: a parameter, a variable, an import, a function? */
function declares(node: ts.Identifier): boolean {
  const { parent } = node
  return (
    (ts.isParameter(parent) ||
      ts.isVariableDeclaration(parent) ||
      ts.isFunctionDeclaration(parent) ||
      ts.isImportSpecifier(parent) ||
      ts.isBindingElement(parent) ||
      ts.isImportClause(parent)) &&
    parent.name === node
  )
}

/** Not a property of something else, a key, or a type; but `globalThis.fetch` is one. */
function isGlobalUse(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) && parent.name === node)
    return ["globalThis", "global", "window"].includes(parent.expression.getText())
  if (ts.isTypeReferenceNode(parent) || ts.isTypeQueryNode(parent)) return false
  const isKey =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isPropertyDeclaration(parent)
  if (isKey && parent.name === node) return false
  return !(ts.isBindingElement(parent) && parent.propertyName === node)
}

function hasNamedExports(statement: ts.ExportDeclaration): boolean {
  return statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause)
}

/** What a door may consist of: imports, and exports by name. */
function isDoorStatement(statement: ts.Statement): boolean {
  return (
    ts.isImportDeclaration(statement) || (ts.isExportDeclaration(statement) && hasNamedExports(statement))
  )
}
