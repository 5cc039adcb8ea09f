// The default mode promises no equal bits: a token computed alone differs in its last ones from the same token in a batch. How much that says
// is bounded here, with the words given: the same text through other batch shapes, against the plain way.
import { expect, test } from "vitest"
import { divergenceOf } from "../../../packages/app/src/conversion/divergence.ts"
import { SCORED_TEXT } from "../../../packages/app/src/conversion/scored-text.ts"
import { CACHE, load } from "./loaded-weights.ts"

const never = new AbortController().signal
/** Past 512 cells the library chooses another way for few rows. */
const LEAST_TOKENS = 600
/** One at a time as an answer is written, as drafts are checked, and as short questions come. */
const SHAPES = [1, 5, 16, 40]

test.skipIf(CACHE === undefined).each(["smollm2.gguf", "gemma3.gguf"])(
  "%s says nearly the same through any batches (needs FIRESIDE_TEST_CACHE)",
  async (file) => {
    await using loaded = await load({ kvType: "f16", deterministic: false, threads: 2 }, undefined, file)
    const { model } = loaded
    const tokens = await model.tokenize(`${SCORED_TEXT}\n`.repeat(2), { special: false, addBos: true }, never)
    expect(tokens.length).toBeGreaterThan(LEAST_TOKENS)
    const plain = await model.score({ tokens }, never)
    for (const rows of SHAPES) {
      const { kl, sameTop } = divergenceOf(plain, await model.score({ tokens, at: plain.ids, rows }, never))
      expect.soft(kl, `${rows} rows: nats a token`).toBeLessThan(1e-2)
      expect.soft(sameTop, `${rows} rows: share of the same first choice`).toBeGreaterThanOrEqual(0.95)
    }
  },
)
