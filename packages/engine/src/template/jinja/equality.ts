// When two values are equal and which comes first, as in Python.
import { type Budget, failed } from "./budget.ts"
import { isDict, isList, isText, textOf, typeName, type Value } from "./values.ts"

/** Booleans count as 0 and 1, as in Python. */
export function asNumber(value: Value): number | undefined {
  if (typeof value === "number") return value
  return typeof value === "boolean" ? Number(value) : undefined
}

export function isEqual(left: Value, right: Value, budget: Budget): boolean {
  budget.spend(1)
  if (isText(left) && isText(right)) return textOf(left) === textOf(right)
  const a = asNumber(left)
  if (a !== undefined) return a === asNumber(right)
  if (isList(left) && isList(right)) {
    if (left.items.length !== right.items.length || left.tuple !== right.tuple) return false
    return inside(budget, () => left.items.every((item, i) => isEqual(item, right.items[i], budget)))
  }
  if (isDict(left) && isDict(right)) {
    if (left.entries.size !== right.entries.size) return false
    return inside(budget, () =>
      [...left.entries].every(
        ([key, item]) => right.entries.has(key) && isEqual(item, right.entries.get(key), budget),
      ),
    )
  }
  return left === right
}

function inside<T>(budget: Budget, work: () => T): T {
  budget.enter()
  const result = work()
  budget.leave()
  return result
}

/** Below, at or above zero. Texts by code point; lists item by item. */
export function compare(left: Value, right: Value, budget: Budget): number {
  budget.spend(1)
  const a = asNumber(left)
  const b = asNumber(right)
  if (a !== undefined && b !== undefined) return a - b
  if (isText(left) && isText(right)) return compareCodePoints(textOf(left), textOf(right))
  if (isList(left) && isList(right)) {
    const shared = Math.min(left.items.length, right.items.length)
    for (let i = 0; i < shared; i += 1) {
      const order = inside(budget, () => compare(left.items[i], right.items[i], budget))
      if (order !== 0) return order
    }
    return left.items.length - right.items.length
  }
  throw failed(`a ${typeName(left)} cannot be compared with a ${typeName(right)}`)
}

function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0
  let i = 0
  while (i < a.length && i < b.length && a[i] === b[i]) i += 1
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1)
}
