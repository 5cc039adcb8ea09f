import { expect, test } from "vitest"
import { quotedTexts, textUses } from "./text-uses.fixture.ts"

const IN_CHAT = 'const { t } = useTranslation("chat")\n'

test.each([
  ['t("copy")', [{ namespace: "chat", key: "copy" }]],
  ['t("found", { count: of("x") })', [{ namespace: "chat", key: "found" }]],
  ["t(`details.${name}`)", [{ namespace: "chat", key: "details.*" }]],
  [
    't(copied ? "copied" : "copy")',
    [
      { namespace: "chat", key: "copied" },
      { namespace: "chat", key: "copy" },
    ],
  ],
  [
    't(state === "done" ? "a" : "b")',
    [
      { namespace: "chat", key: "a" },
      { namespace: "chat", key: "b" },
    ],
  ],
  ['t("shell:error.retry")', [{ namespace: "shell", key: "error.retry" }]],
  ['t(\n  "long.key",\n  { a: 1 },\n)', [{ namespace: "chat", key: "long.key" }]],
  ["t(id)", []],
  ['first("copy"); x.t("copy")', []],
  ['<Term id="context">', [{ namespace: "glossary", key: "context" }]],
])("%s", (source, uses) => {
  expect(textUses(IN_CHAT + source)).toEqual(uses)
})

test("each component has its own", () => {
  const source = `
function A() { const { t, i18n } = useTranslation("help"); const { t: explain } = useTranslation("glossary"); return t("a") + explain("b") }
function B() { const { t } = useTranslation(); return t("c") }`
  expect(textUses(source)).toEqual([
    { namespace: "help", key: "a" },
    { namespace: "glossary", key: "b" },
    { namespace: "shell", key: "c" },
  ])
})

test("a `t` that was handed over could be any", () => {
  expect(textUses('function f(t: TFunction) { return t("x") }')).toEqual([{ namespace: undefined, key: "x" }])
})

test("quoted texts, with quotes within", () => {
  expect(quotedTexts(`a("x", 'y', \`z\`, "q\\"r")`)).toEqual(["x", "y", "z", 'q\\"r'])
})
