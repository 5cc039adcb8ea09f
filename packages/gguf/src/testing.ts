// Tiny valid models and broken ones, for tests everywhere. Nothing of a shipped program imports this.

export { type EncodableHeader, encodeHeader, type WritableEntry } from "./encode-header.ts"
export { TINY_LIMITS } from "./testing/limits.ts"
export { type Mutant, mutator } from "./testing/mutants.ts"
export { type Random, randomInteger, seededRandom } from "./testing/random.ts"
export {
  buildTinyAdapter,
  buildTinyModel,
  CHATML_TEMPLATE,
  type TinyAdapterOptions,
  type TinyModelOptions,
  type TinyTensor,
  tinyVocabulary,
} from "./testing/tiny-model.ts"
export { byteSymbols, type TinyVocabulary } from "./testing/tiny-vocabulary.ts"
export { type Verdict, verdictOf } from "./testing/verdict.ts"
