// Formulas come with their own fonts and 70 KB: only when an answer has one.
import type { MathPlugin } from "@streamdown/math"
import { useQuery } from "@tanstack/react-query"

const FORMULA = /\$\$|\\\(|\\\[|\$[^\s$][^$\n]*\$/

export function useMath(text: string): MathPlugin | undefined {
  const { data } = useQuery({
    queryKey: ["formulas"],
    queryFn: async () => {
      const [{ createMathPlugin }] = await Promise.all([
        import("@streamdown/math"),
        import("katex/dist/katex.min.css"),
      ])
      return createMathPlugin({ singleDollarTextMath: false })
    },
    enabled: FORMULA.test(text),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return data
}
