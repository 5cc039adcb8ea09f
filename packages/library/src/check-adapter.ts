// Does an adapter belong to a base? The native library gives no reason when it does not, and of a base of the same shape it says nothing.
import type { GgufHeader, TensorInfo } from "@fireside/gguf"
import { AppError } from "@fireside/protocol"

export interface CheckedAdapter {
  readonly name: string
  readonly header: GgufHeader
}

/** Throws `unsupported`: another architecture, or matrices that the base does not have in this size. */
export function checkAdapter(adapter: CheckedAdapter, base: CheckedAdapter): void {
  const [own, wanted] = [architectureOf(adapter.header), architectureOf(base.header)]
  if (own !== wanted) throw mismatch(adapter, base, `it is for ${own}, and the base is ${wanted}`)
  const tensors = new Map(base.header.tensors.map((tensor) => [tensor.name, tensor]))
  for (const tensor of adapter.header.tensors) {
    const problem = problemOf(tensor, tensors)
    if (problem !== undefined) throw mismatch(adapter, base, problem)
  }
}

function problemOf(tensor: TensorInfo, base: ReadonlyMap<string, TensorInfo>): string | undefined {
  const [, name, side] = /^(.+)\.lora_([ab])$/.exec(tensor.name) ?? []
  // Norms stand for themselves; the rules of adapters passed everything else.
  if (name === undefined) return base.has(tensor.name) ? undefined : `the base has no ${tensor.name}`
  const target = base.get(name)
  if (target === undefined) return `the base has no ${name}`
  // Of an embedding matrix the halves are stored the other way round.
  if (name.endsWith("token_embd.weight")) return undefined
  const [width, height] =
    side === "a" ? [tensor.dimensions[0], target.dimensions[0]] : [tensor.dimensions[1], target.dimensions[1]]
  return width === height ? undefined : `its ${name} is ${width} wide where that of the base is ${height}`
}

function mismatch(adapter: CheckedAdapter, base: CheckedAdapter, why: string): AppError {
  return new AppError("unsupported", {
    message: `The adapter ${adapter.name} does not belong to ${base.name}: ${why}.`,
    hint: "Use it with the model that it was made for.",
  })
}

function architectureOf(header: GgufHeader): string {
  return String(header.metadata.get("general.architecture")?.value ?? "")
}
