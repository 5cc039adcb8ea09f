// Formulas come with their own fonts and 70 KB: only when an answer has one.
import type { MathPlugin } from "@streamdown/math"
import { useEffect, useState } from "react"

const FORMULA = /\$\$|\\\(|\\\[|\$[^\s$][^$\n]*\$/

let loaded: MathPlugin | undefined

/** Undefined until there is a formula, and until what draws it has come. */
export function useMath(text: string): MathPlugin | undefined {
  const [math, setMath] = useState(loaded)
  const isMissing = math === undefined && FORMULA.test(text)
  useEffect(() => {
    if (!isMissing) return
    // Without it a formula stays as it was written; the next answer tries again.
    void loadMath().then(setMath, () => undefined)
  }, [isMissing])
  return math
}

async function loadMath(): Promise<MathPlugin> {
  const [{ createMathPlugin }] = await Promise.all([
    import("@streamdown/math"),
    import("katex/dist/katex.min.css"),
  ])
  loaded ??= createMathPlugin({ singleDollarTextMath: false })
  return loaded
}
