// The tests of `x is …` and of `select` and its kin.
import type { Budget } from "./budget.ts"
import { compare, isEqual } from "./equality.ts"
import { contains } from "./operators.ts"
import { isCallable, isDict, isList, isText, textOf, type Value } from "./values.ts"

type TypeCheck = (value: Value, argument: Value, budget: Budget) => boolean

const isNumber = (value: Value): value is number => typeof value === "number"

const equal: TypeCheck = (value, argument, budget) => isEqual(value, argument, budget)
const less: TypeCheck = (value, argument, budget) => compare(value, argument, budget) < 0
const greater: TypeCheck = (value, argument, budget) => compare(value, argument, budget) > 0

const CHECKS: Readonly<Record<string, TypeCheck>> = {
  defined: (value) => value !== undefined,
  undefined: (value) => value === undefined,
  none: (value) => value === null,
  boolean: (value) => typeof value === "boolean",
  true: (value) => value === true,
  false: (value) => value === false,
  integer: (value) => isNumber(value) && Number.isInteger(value),
  float: (value) => isNumber(value) && !Number.isInteger(value),
  number: (value) => isNumber(value) || typeof value === "boolean",
  string: isText,
  mapping: isDict,
  iterable: (value) => value === undefined || isText(value) || isList(value) || isDict(value),
  sequence: (value) => value === undefined || isText(value) || isList(value) || isDict(value),
  callable: isCallable,
  odd: (value) => isNumber(value) && Math.abs(value % 2) === 1,
  even: (value) => isNumber(value) && value % 2 === 0,
  divisibleby: (value, argument) => isNumber(value) && isNumber(argument) && value % argument === 0,
  lower: (value) => isText(value) && textOf(value) === textOf(value).toLowerCase(),
  upper: (value) => isText(value) && textOf(value) === textOf(value).toUpperCase(),
  in: (value, argument, budget) => contains(argument, value, budget),
  equalto: equal,
  eq: equal,
  "==": equal,
  ne: (value, argument, budget) => !isEqual(value, argument, budget),
  "!=": (value, argument, budget) => !isEqual(value, argument, budget),
  lt: less,
  "<": less,
  gt: greater,
  ">": greater,
  le: (value, argument, budget) => compare(value, argument, budget) <= 0,
  "<=": (value, argument, budget) => compare(value, argument, budget) <= 0,
  ge: (value, argument, budget) => compare(value, argument, budget) >= 0,
  ">=": (value, argument, budget) => compare(value, argument, budget) >= 0,
  sameas: (value, argument) => value === argument,
}

export const findTypeCheck = (name: string): TypeCheck | undefined =>
  Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined
