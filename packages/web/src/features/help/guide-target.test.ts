import { expect, test } from "vitest"
import { guideTarget } from "./guide-target.ts"

const PAGES = ["models", "errors", "security"]

test.each([
  ["models.md", { type: "page", page: "models", anchor: "" }],
  ["models.md#which-one-to-take", { type: "page", page: "models", anchor: "which-one-to-take" }],
  ["../reference/errors.md", { type: "page", page: "errors", anchor: "" }],
  ["../../SECURITY.md", { type: "page", page: "security", anchor: "" }],
  ["#here", { type: "anchor", anchor: "here" }],
  ["https://nodejs.org", { type: "outside", url: "https://nodejs.org/", host: "nodejs.org" }],
  ["../../README.md", { type: "none" }],
  ["javascript:alert(1)", { type: "none" }],
  ["//evil.example/models.md", { type: "none" }],
  ["https://", { type: "none" }],
  ["", { type: "none" }],
] as const)("%j", (href, target) => {
  expect(guideTarget(href, PAGES)).toEqual(target)
})
