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
