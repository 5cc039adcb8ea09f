// What `+ - * / // % ** ~ == < in` mean between two values, as in Python.
import { type Budget, failed } from "./budget.ts"
import { asNumber, compare, isEqual } from "./equality.ts"
import { formatPercent, keyOf } from "./methods.ts"
import { toText } from "./serialize.ts"
import {
  concatTexts,
  isDict,
  isList,
  isText,
  iterate,
  list,
  type Text,
  textOf,
  typeName,
  type Value,
} from "./values.ts"

export function applyOperator(operator: string, left: Value, right: Value, budget: Budget): Value {
  switch (operator) {
    case "==":
      return isEqual(left, right, budget)
    case "!=":
      return !isEqual(left, right, budget)
    case "~":
      return concatenate(toText(left, budget), toText(right, budget), budget)
    case "in":
      return contains(right, left, budget)
    case "not in":
      return !contains(right, left, budget)
    case "<":
      return compare(left, right, budget) < 0
    case ">":
      return compare(left, right, budget) > 0
    case "<=":
      return compare(left, right, budget) <= 0
    case ">=":
      return compare(left, right, budget) >= 0
    case "+":
      if (isText(left) && isText(right)) return concatenate(left, right, budget)
      if (isList(left) && isList(right)) {
        budget.spend(left.items.length + right.items.length)
        return list([...left.items, ...right.items], left.tuple)
      }
      break
    case "*": {
      const [repeated, count] = isText(left) ? [left, right] : [right, left]
      if (isText(repeated) && typeof count === "number") return repeat(repeated, count, budget)
      break
    }
    case "%":
      if (isText(left)) return formatPercent(left, isList(right) ? right.items : [right], budget)
      break
  }
  const a = asNumber(left)
  const b = asNumber(right)
  if (a === undefined || b === undefined)
    throw failed(`\`${operator}\` has no meaning between ${typeName(left)} and ${typeName(right)}`)
  return calculate(operator, a, b)
}

function calculate(operator: string, a: number, b: number): number {
  if (b === 0 && (operator === "/" || operator === "//" || operator === "%")) throw failed("division by zero")
  switch (operator) {
    case "+":
      return a + b
    case "-":
      return a - b
    case "*":
      return a * b
    case "/":
      return a / b
    case "//":
      return Math.floor(a / b)
    case "%":
      return a - Math.floor(a / b) * b
    case "**":
      return a ** b
    default:
      throw failed(`\`${operator}\` is not an operator between numbers`)
  }
}

function concatenate(left: Text, right: Text, budget: Budget): Text {
  budget.spendText(textOf(left).length + textOf(right).length)
  return concatTexts([left, right])
}

function repeat(text: Text, count: number, budget: Budget): Text {
  const times = Math.max(0, Math.trunc(count))
  budget.spendText(textOf(text).length * times)
  budget.spend(times)
  return concatTexts(Array.from({ length: times }, () => text))
}

export function contains(container: Value, item: Value, budget: Budget): boolean {
  if (isText(container)) {
    if (!isText(item)) throw failed(`a ${typeName(item)} cannot be in a string`)
    budget.spendText(textOf(container).length)
    return textOf(container).includes(textOf(item))
  }
  if (isDict(container)) {
    const key = keyOf(item)
    return key !== undefined && container.entries.has(key)
  }
  return iterate(container).some((member) => isEqual(member, item, budget))
}
