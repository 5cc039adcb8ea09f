import { expect, test } from "vitest"
import { withFormulaSigns } from "./formula-signs.ts"

test.each([
  ["the root $\\sqrt{h}$, then", "the root $$\\sqrt{h}$$, then"],
  ["$a$ and $b$", "$$a$$ and $$b$$"],
  ["so \\( x^2 \\) it is", "so $$x^2$$ it is"],
  ["\\[\nx = 1\n + 2\n\\]", "$$\\displaystyle x = 1 + 2$$"],
  ["$$\ny\n$$ stays", "$$\ny\n$$ stays"],
  ["$$y$$ stays", "$$y$$ stays"],
])("%j becomes %j", (text, expected) => {
  expect(withFormulaSigns(text)).toBe(expected)
})

test.each([
  "It costs $5, or $6 with milk.",
  "between $5-$7 a month",
  "US$ 3 and US$ 4",
  "\\$x\\$",
  "an array `$a[1]$` in a line",
  "```sh\necho $HOME $PATH$ \\(x\\)\n```",
  "~~~\n$open$ and never closed",
  "```\n$x$",
  "a [link](https://x.test/a)",
])("%j stays as it is", (text) => {
  expect(withFormulaSigns(text)).toBe(text)
})

test("what stands beside code is still read", () => {
  expect(withFormulaSigns("$a$\n```\n$b$\n```\n$c$ `$d$`")).toBe("$$a$$\n```\n$b$\n```\n$$c$$ `$d$`")
})
