// Runs a parsed template. Ours, and not the library's, because every operation here pays from a budget and every text
// remembers which of its characters the user wrote. Semantics are those of Jinja 3.1 as transformers sets it up.
import { TEMPLATE_LIMITS } from "@fireside/protocol"
import { type Budget, failed, TemplateFailure } from "./budget.ts"
import { argumentsOf, evaluate, filterOf, propertyName, type Scope } from "./expressions.ts"
import { applyFilter } from "./filters.ts"
import { toText } from "./serialize.ts"
import type { CallBlockNode, ForNode, IfNode, Node, Program, SetNode } from "./syntax.ts"
import {
  type Callable,
  createTextBuilder,
  dict,
  isCallable,
  isNamespace,
  isText,
  isTruthy,
  iterate,
  list,
  type Text,
  type TextBuilder,
  textOf,
  typeName,
  type Value,
} from "./values.ts"

type Flow = "next" | "break" | "continue"

const child = (parent: Scope): Scope => ({ variables: new Map(), parent })

export function runTemplate(program: Program, globals: ReadonlyMap<string, Value>, budget: Budget): Text {
  const out = createTextBuilder()
  const root: Scope = { variables: new Map(globals) }
  runBlock(program.body, child(root), out, budget)
  return out.build()
}

function runBlock(nodes: readonly Node[], scope: Scope, out: TextBuilder, budget: Budget): Flow {
  for (const node of nodes) {
    const flow = runStatement(node, scope, out, budget)
    if (flow !== "next") return flow
  }
  return "next"
}

function renderBlock(nodes: readonly Node[], scope: Scope, budget: Budget): Text {
  const out = createTextBuilder()
  runBlock(nodes, scope, out, budget)
  return out.build()
}

function runStatement(node: Node, scope: Scope, out: TextBuilder, budget: Budget): Flow {
  switch (node.type) {
    case "Comment":
      return "next"
    case "If":
      return runIf(node, scope, out, budget)
    case "For":
      return runFor(node, scope, out, budget)
    case "Break":
      return "break"
    case "Continue":
      return "continue"
    case "Set":
      runSet(node, scope, budget)
      return "next"
    case "Macro":
      budget.spend(1)
      scope.variables.set(node.name.value, macro(node.name.value, node.args, node.body, scope, budget))
      return "next"
    case "CallStatement":
      emit(runCallBlock(node, scope, budget), out, budget)
      return "next"
    case "FilterStatement": {
      const body = renderBlock(node.body, child(scope), budget)
      const [name, call] = filterOf(node.filter, scope, budget)
      emit(applyFilter(name, body, call, budget), out, budget)
      return "next"
    }
    default:
      emit(evaluate(node, scope, budget), out, budget)
      return "next"
  }
}

function emit(value: Value, out: TextBuilder, budget: Budget): void {
  const text = toText(value, budget)
  budget.spendText(textOf(text).length)
  out.push(text)
  if (out.length > TEMPLATE_LIMITS.outputBytes)
    throw new TemplateFailure("limit", `it wrote more than ${TEMPLATE_LIMITS.outputBytes} characters`)
}

function runIf(node: IfNode, scope: Scope, out: TextBuilder, budget: Budget): Flow {
  let current = node
  while (!isTruthy(evaluate(current.test, scope, budget))) {
    // A chain of `elif` is an `If` alone in the alternate: followed in a loop, so that its length costs no stack.
    const [only] = current.alternate
    if (current.alternate.length !== 1 || only?.type !== "If")
      return runBlock(current.alternate, scope, out, budget)
    current = only
  }
  return runBlock(current.body, scope, out, budget)
}

function assign(target: Node, value: Value, scope: Scope, budget: Budget): void {
  if (target.type === "Identifier") scope.variables.set(target.value, value)
  else if (target.type === "TupleLiteral") {
    const items = iterate(value)
    if (items.length !== target.value.length)
      throw failed(`${items.length} values cannot be unpacked into ${target.value.length} names`)
    for (const [index, part] of target.value.entries()) assign(part, items[index], scope, budget)
  } else if (target.type === "MemberExpression") {
    const owner = evaluate(target.object, scope, budget)
    if (!isNamespace(owner)) throw failed("only attributes of a namespace can be set")
    const name = target.computed ? evaluate(target.property, scope, budget) : propertyName(target.property)
    if (!isText(name)) throw failed("the name of an attribute must be a string")
    owner.entries.set(textOf(name), value)
  } else throw failed(`a ${target.type} cannot be set`)
}

function runSet(node: SetNode, scope: Scope, budget: Budget): void {
  const value =
    node.value === null ? renderBlock(node.body, child(scope), budget) : evaluate(node.value, scope, budget)
  assign(node.assignee, value, scope, budget)
}

function runFor(node: ForNode, scope: Scope, out: TextBuilder, budget: Budget): Flow {
  const select = node.iterable.type === "SelectExpression" ? node.iterable : undefined
  const source = iterate(evaluate(select?.lhs ?? node.iterable, scope, budget))
  budget.spend(source.length)
  const items =
    select === undefined
      ? source
      : source.filter((item) => {
          const inner = child(scope)
          assign(node.loopvar, item, inner, budget)
          return isTruthy(evaluate(select.test, inner, budget))
        })
  if (items.length === 0) return runBlock(node.defaultBlock, child(scope), out, budget)
  let last: Value
  for (const [index, item] of items.entries()) {
    budget.spend(1)
    const inner = child(scope)
    inner.variables.set(
      "loop",
      loopFacts(items, index, (value) => {
        const changed = index === 0 || textKey(value) !== textKey(last)
        last = value
        return changed
      }),
    )
    assign(node.loopvar, item, inner, budget)
    if (runBlock(node.body, inner, out, budget) === "break") break
  }
  return "next"
}

const textKey = (value: Value): unknown => (isText(value) ? textOf(value) : value)

function loopFacts(items: readonly Value[], index: number, changed: (value: Value) => boolean): Value {
  const cycle: Callable = {
    kind: "function",
    name: "cycle",
    call: (values) => values[index % Math.max(1, values.length)],
  }
  return dict(
    new Map<string, Value>([
      ["index", index + 1],
      ["index0", index],
      ["revindex", items.length - index],
      ["revindex0", items.length - index - 1],
      ["first", index === 0],
      ["last", index === items.length - 1],
      ["length", items.length],
      ["previtem", items[index - 1]],
      ["nextitem", items[index + 1]],
      ["cycle", cycle],
      ["changed", { kind: "function", name: "changed", call: ([value]) => changed(value) }],
    ]),
  )
}

function macro(
  name: string,
  parameters: readonly Node[],
  body: readonly Node[],
  scope: Scope,
  budget: Budget,
): Callable {
  return {
    kind: "function",
    name,
    call: (positional, named) => {
      const inner = child(scope)
      bindParameters(name, parameters, positional, named, inner, budget)
      budget.enter()
      const text = renderBlock(body, inner, budget)
      budget.leave()
      return text
    },
  }
}

function bindParameters(
  name: string,
  parameters: readonly Node[],
  positional: readonly Value[],
  named: ReadonlyMap<string, Value>,
  scope: Scope,
  budget: Budget,
): void {
  const left = new Map(named)
  if (left.has("caller")) {
    scope.variables.set("caller", left.get("caller"))
    left.delete("caller")
  }
  for (const [index, parameter] of parameters.entries()) {
    const key = parameter.type === "KeywordArgumentExpression" ? parameter.key.value : propertyName(parameter)
    if (typeof key !== "string") throw failed(`macro ${name} has a parameter without a name`)
    let value = index < positional.length ? positional[index] : left.get(key)
    if (index >= positional.length && !left.has(key) && parameter.type === "KeywordArgumentExpression")
      value = evaluate(parameter.value, scope, budget)
    left.delete(key)
    scope.variables.set(key, value)
  }
  scope.variables.set("varargs", list(positional.slice(parameters.length)))
  scope.variables.set("kwargs", dict(left))
}

function runCallBlock(node: CallBlockNode, scope: Scope, budget: Budget): Value {
  const callee = evaluate(node.call.callee, scope, budget)
  if (!isCallable(callee)) throw failed(`a ${typeName(callee)} cannot be called`)
  const { positional, named } = argumentsOf(node.call.args, scope, budget)
  const caller = macro("caller", node.callerArgs ?? [], node.body, scope, budget)
  return callee.call(positional, new Map([...named, ["caller", caller]]))
}
