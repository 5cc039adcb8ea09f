// Which tensors of a file change their type when it is converted, and which stay: norms and small tables are left as they are, and no
// tensor that its maker kept finer than the rest becomes coarser.
import { type DecodableType, type EncodableType, ggmlType, type TensorInfo } from "@fireside/gguf"
import { AppError } from "@fireside/protocol"

/** What a model can be converted to, as its user writes it, and the number of `general.file_type`. */
export const TARGETS = {
  f16: { type: "F16", fileType: 1 },
  bf16: { type: "BF16", fileType: 32 },
  q8_0: { type: "Q8_0", fileType: 7 },
  q5_1: { type: "Q5_1", fileType: 9 },
  q5_0: { type: "Q5_0", fileType: 8 },
  q4_1: { type: "Q4_1", fileType: 3 },
  q4_0: { type: "Q4_0", fileType: 2 },
} as const satisfies Record<string, { readonly type: EncodableType; readonly fileType: number }>

export type Target = (typeof TARGETS)[keyof typeof TARGETS]

const DECODABLE: Readonly<Record<DecodableType, true>> = {
  F32: true,
  F16: true,
  BF16: true,
  Q4_0: true,
  Q4_1: true,
  Q5_0: true,
  Q5_1: true,
  Q8_0: true,
  Q2_K: true,
  Q3_K: true,
  Q4_K: true,
  Q5_K: true,
  Q6_K: true,
}

export interface ConvertedTensor {
  readonly tensor: TensorInfo
  /** Undefined: its bytes are copied. */
  readonly change?: { readonly from: DecodableType; readonly to: EncodableType }
}

/** Throws `bad-request` with the types that there are. */
export function requireTarget(text: string): Target {
  const name = text.toLowerCase()
  if (Object.hasOwn(TARGETS, name)) return TARGETS[name as keyof typeof TARGETS]
  throw new AppError("bad-request", {
    message: `A model cannot be converted to ${JSON.stringify(text)}.`,
    hint: `Choose one of: ${Object.keys(TARGETS).join(", ")}.`,
    details: { field: "to", known: Object.keys(TARGETS) },
  })
}

/** Throws `unsupported` when nothing would change, or where a type cannot be read. */
export function chooseTypes(
  tensors: readonly TensorInfo[],
  { type: to }: Target,
): readonly ConvertedTensor[] {
  const main = mainTypeOf(tensors)
  const chosen = tensors.map((tensor): ConvertedTensor => {
    if (tensor.type === to || !isMatrix(tensor) || !fits(tensor, to)) return { tensor }
    // The maker of the file kept it finer than the rest, and had a reason.
    if (tensor.type !== main && bitsOf(to) < bitsOf(tensor.type)) return { tensor }
    // Where most is coarser than this, what is F32 is so because the sum needs it.
    if (tensor.type === "F32" && main !== "F32") return { tensor }
    return { tensor, change: { from: requireDecodable(tensor), to } }
  })
  if (chosen.some(({ change }) => change !== undefined)) return chosen
  throw new AppError("unsupported", {
    message: `Nothing would change: the model's weights are ${to === main ? `${to} already` : `${main}, and none of them can become ${to}`}.`,
    hint: "Choose another type.",
    details: { type: main },
  })
}

/** The type that most bytes of the matrices have. */
export function mainTypeOf(tensors: readonly TensorInfo[]): string {
  const bytes = new Map<string, number>()
  for (const { type, sizeBytes, dimensions } of tensors)
    if (dimensions.length > 1) bytes.set(type, (bytes.get(type) ?? 0) + sizeBytes)
  return [...bytes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "F32"
}

/** As llama.cpp's own quantiser leaves them: routers, positions and convolutions are small, and answers depend on each value. */
const KEPT = /_norm\.|ffn_gate_inp|position_embd|token_types|ssm_conv1d|shortconv|pos_embd|attn_rel_b/

function isMatrix({ name, dimensions }: TensorInfo): boolean {
  return dimensions.length > 1 && name.endsWith(".weight") && !KEPT.test(name)
}

function fits({ dimensions }: TensorInfo, to: EncodableType): boolean {
  return (dimensions[0] ?? 1) % (ggmlType(to)?.itemsPerBlock ?? 1) === 0
}

function bitsOf(name: string): number {
  const type = ggmlType(name)
  return type === undefined ? 0 : (type.bytesPerBlock * 8) / type.itemsPerBlock
}

function requireDecodable({ name, type }: TensorInfo): DecodableType {
  // Exactly the keys of the table.
  if (Object.hasOwn(DECODABLE, type)) return type as DecodableType
  throw new AppError("unsupported", {
    message: `The tensor ${name} has the type ${type}, which Fireside cannot read.`,
    hint: "Pull the model in another quantisation.",
    details: { tensor: name, type },
  })
}
