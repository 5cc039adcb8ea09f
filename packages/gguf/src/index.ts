export { bufferSource, fileSource, type PositionedReader } from "./byte-source.ts"
export { type DecodableType, dequantise } from "./dequantise.ts"
export type { WritableEntry } from "./encode-header.ts"
export { GGML_TYPES, type GgmlType, ggmlType, tensorBytes } from "./ggml-types.ts"
export {
  type ByteSource,
  type GgufArray,
  type GgufEntry,
  GgufError,
  type GgufHeader,
  type GgufLimits,
  type GgufScalar,
  type GgufValueType,
  type TensorInfo,
  type ValidatedHeader,
} from "./gguf-file.ts"
export { type OpenFileOptions, openFileSource } from "./node-file-source.ts"
export { type EncodableType, quantise } from "./quantise.ts"
export { readHeader } from "./read-header.ts"
export { validateAdapter } from "./validate-adapter.ts"
export { validateModel } from "./validate-model.ts"
export { type ByteSink, type WritableGguf, type WritableTensor, writeGguf } from "./write-gguf.ts"
