// The value of an expression of a template. Statements are in `interpreter.ts`.
import { type Budget, failed } from "./budget.ts"
import { asNumber } from "./equality.ts"
import { applyFilter, type FilterCall } from "./filters.ts"
import { findMethod, keyOf } from "./methods.ts"
import { applyOperator } from "./operators.ts"
import type { CallNode, IdentifierNode, MemberNode, Node, SliceNode } from "./syntax.ts"
import { findTypeCheck } from "./type-checks.ts"
import {
  concatTexts,
  dict,
  isCallable,
  isDict,
  isList,
  isNamespace,
  isText,
  isTruthy,
  iterate,
  type Key,
  list,
  marksOf,
  sliceText,
  textOf,
  typeName,
  type Value,
} from "./values.ts"

/** The variables of a block, and those around it. */
export interface Scope {
  readonly variables: Map<string, Value>
  readonly parent?: Scope
}

function lookUp(scope: Scope, name: string): Value {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent)
    if (at.variables.has(name)) return at.variables.get(name)
  return undefined
}

export function argumentsOf(nodes: readonly Node[], scope: Scope, budget: Budget): FilterCall {
  const positional: Value[] = []
  const named = new Map<string, Value>()
  for (const node of nodes) {
    if (node.type === "KeywordArgumentExpression")
      named.set(node.key.value, evaluate(node.value, scope, budget))
    else if (node.type === "SpreadExpression")
      positional.push(...iterate(evaluate(node.argument, scope, budget)))
    else if (node.type === "KeywordSpreadExpression") {
      const value = evaluate(node.argument, scope, budget)
      if (!isDict(value)) throw failed(`\`**\` needs a mapping, not a ${typeName(value)}`)
      for (const [key, item] of value.entries) named.set(String(key), item)
    } else positional.push(evaluate(node, scope, budget))
  }
  return { positional, named }
}

export function filterOf(
  filter: IdentifierNode | CallNode,
  scope: Scope,
  budget: Budget,
): [string, FilterCall] {
  if (filter.type === "Identifier") return [filter.value, { positional: [], named: new Map() }]
  if (filter.callee.type !== "Identifier") throw failed("a filter must have a name")
  return [filter.callee.value, argumentsOf(filter.args, scope, budget)]
}

export function evaluate(node: Node, scope: Scope, budget: Budget): Value {
  budget.spend(1)
  budget.descend()
  const value = resultOf(node, scope, budget)
  // Not after a failure: it ends the rendering.
  budget.ascend()
  return value
}

function resultOf(node: Node, scope: Scope, budget: Budget): Value {
  switch (node.type) {
    case "StringLiteral":
    case "IntegerLiteral":
    case "FloatLiteral":
      return node.value
    case "Identifier":
      return lookUp(scope, node.value)
    case "ArrayLiteral":
    case "TupleLiteral":
      return list(
        node.value.map((item) => evaluate(item, scope, budget)),
        node.type === "TupleLiteral",
      )
    case "ObjectLiteral": {
      const entries = new Map<Key, Value>()
      let keySource: number | undefined
      for (const [keyNode, valueNode] of node.value) {
        const value = evaluate(keyNode, scope, budget)
        const key = keyOf(value)
        if (key === undefined) throw failed(`a ${typeName(value)} cannot be a key`)
        if (isText(value)) keySource ??= marksOf(value)[0]?.source
        entries.set(key, evaluate(valueNode, scope, budget))
      }
      return dict(entries, keySource)
    }
    case "MemberExpression":
      return memberOf(node, scope, budget)
    case "CallExpression": {
      const callee = evaluate(node.callee, scope, budget)
      if (!isCallable(callee))
        throw failed(`${describe(node.callee)} cannot be called: it is ${typeName(callee)}`)
      const { positional, named } = argumentsOf(node.args, scope, budget)
      return callee.call(positional, named)
    }
    case "FilterExpression": {
      const operand = evaluate(node.operand, scope, budget)
      const [name, call] = filterOf(node.filter, scope, budget)
      return applyFilter(name, operand, call, budget)
    }
    case "TestExpression": {
      const operand = evaluate(node.operand, scope, budget)
      const check = findTypeCheck(node.test.value)
      if (check === undefined) throw failed(`it uses a test that is unknown here: \`${node.test.value}\``)
      return check(operand, undefined, budget) !== node.negate
    }
    case "SelectExpression":
      return isTruthy(evaluate(node.test, scope, budget)) ? evaluate(node.lhs, scope, budget) : undefined
    case "Ternary":
      return isTruthy(evaluate(node.condition, scope, budget))
        ? evaluate(node.trueExpr, scope, budget)
        : evaluate(node.falseExpr, scope, budget)
    case "UnaryExpression":
      return unary(node.operator.value, evaluate(node.argument, scope, budget))
    case "BinaryExpression":
      return binary(node.operator.value, node.left, node.right, scope, budget)
    default:
      throw failed(`a ${node.type} has no value`)
  }
}

export const propertyName = (node: Node): Value =>
  node.type === "Identifier" || node.type === "IntegerLiteral" ? node.value : undefined

const describe = (node: Node): string =>
  node.type === "Identifier"
    ? `\`${node.value}\``
    : node.type === "MemberExpression" && (!node.computed || node.property.type === "StringLiteral")
      ? `\`.${String(node.property.type === "StringLiteral" ? node.property.value : propertyName(node.property))}\``
      : "an expression"

function binary(operator: string, left: Node, right: Node, scope: Scope, budget: Budget): Value {
  const first = evaluate(left, scope, budget)
  if (operator === "and") return isTruthy(first) ? evaluate(right, scope, budget) : first
  if (operator === "or") return isTruthy(first) ? first : evaluate(right, scope, budget)
  const second = evaluate(right, scope, budget)
  if (operator === "+" && (first === undefined || second === undefined))
    throw failed(`${describe(first === undefined ? left : right)} is undefined`)
  return applyOperator(operator, first, second, budget)
}

function unary(operator: string, value: Value): Value {
  if (operator === "not") return !isTruthy(value)
  const number = asNumber(value)
  if (number === undefined) throw failed(`\`${operator}\` needs a number, not a ${typeName(value)}`)
  return operator === "-" ? -number : number
}

function memberOf(node: MemberNode, scope: Scope, budget: Budget): Value {
  const owner = evaluate(node.object, scope, budget)
  if (node.computed && node.property.type === "SliceExpression")
    return sliceOf(owner, node.property, scope, budget)
  const key = node.computed ? evaluate(node.property, scope, budget) : propertyName(node.property)
  if (owner === undefined)
    throw failed(
      `${describe(node.object)} is undefined: \`${isText(key) ? textOf(key) : String(key)}\` cannot be read from it`,
    )
  if (typeof key === "number") return itemAt(owner, key, budget)
  if (!isText(key)) return undefined
  const name = textOf(key)
  if (name.startsWith("__")) throw failed(`it reads \`${name}\`, which no template may`)
  // As Python: `owner.name` finds methods first, `owner["name"]` finds entries first.
  const entries: ReadonlyMap<Key, Value> | undefined =
    isDict(owner) || isNamespace(owner) ? owner.entries : undefined
  if (node.computed && entries?.has(name)) return entries.get(name)
  return findMethod(owner, name, budget) ?? entries?.get(name)
}

function itemAt(owner: Value, position: number, budget: Budget): Value {
  if (isDict(owner)) return owner.entries.get(position)
  if (!isText(owner)) return isList(owner) ? owner.items.at(position) : undefined
  budget.spendText(textOf(owner).length)
  return iterate(owner).at(position)
}

function sliceOf(owner: Value, node: SliceNode, scope: Scope, budget: Budget): Value {
  const [start, stop, step = 1] = [node.start, node.stop, node.step].map((part) => {
    const value = part === undefined ? undefined : evaluate(part, scope, budget)
    if (value === undefined || value === null || typeof value === "number") return value ?? undefined
    throw failed(`a slice needs numbers, not a ${typeName(value)}`)
  })
  if (step === 0) throw failed("the step of a slice is zero")
  if (!isText(owner) && !isList(owner)) throw failed(`a ${typeName(owner)} cannot be sliced`)
  budget.spendText(isText(owner) ? textOf(owner).length : 0)
  const plain = isText(owner) ? textOf(owner) : ""
  // Without surrogates, positions are indexes.
  if (isText(owner) && step === 1 && !/[\ud800-\udfff]/.test(plain)) {
    const [from, to] = bounds(plain.length, start, stop, 1)
    return sliceText(owner, from, Math.max(from, to))
  }
  const items = isText(owner) ? iterate(owner) : owner.items
  budget.spend(items.length)
  const [from, to] = bounds(items.length, start, stop, step)
  const taken: Value[] = []
  for (let i = from; step > 0 ? i < to : i > to; i += step) taken.push(items[i])
  return isText(owner) ? concatTexts(taken.filter(isText)) : list(taken, owner.tuple)
}

function bounds(
  length: number,
  start: number | undefined,
  stop: number | undefined,
  step: number,
): [number, number] {
  const low = step > 0 ? 0 : -1
  const high = step > 0 ? length : length - 1
  const clamp = (value: number): number => Math.min(high, Math.max(low, value < 0 ? value + length : value))
  return [
    start === undefined ? (step > 0 ? low : high) : clamp(start),
    stop === undefined ? (step > 0 ? high : low) : clamp(stop),
  ]
}
