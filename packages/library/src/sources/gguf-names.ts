// What the names of GGUF files say: quantisation, and the parts of a split model. Chooses one model among many files.

export interface NamedFile {
  readonly name: string
}

/** One model: a file, or all parts of a split one in order. */
export interface NamedModel<File extends NamedFile> {
  /** Upper case; empty when the name does not say. */
  readonly quantization: string
  /** The name without folder, part number and ending. */
  readonly stem: string
  readonly files: readonly File[]
  /** False when parts of a split model are missing. */
  readonly complete: boolean
}

/**
 * From best to least when the user does not say. Four-bit K-quants are the best bargain of quality and memory; Q8_0 and Q4_0 have the
 * fastest kernels on processors; the rest is there so that something is found.
 */
const PREFERRED = [
  "Q4_K_M",
  "Q8_0",
  "Q4_0",
  "Q4_K_S",
  "Q5_K_M",
  "Q5_K_S",
  "Q6_K",
  "Q4_1",
  "Q5_0",
  "Q5_1",
  "IQ4_NL",
  "IQ4_XS",
  "Q3_K_L",
  "Q3_K_M",
  "F16",
  "BF16",
  "Q3_K_S",
  "Q2_K",
  "F32",
]

const QUANTIZATION =
  /(?:^|[-._])((?:UD-)?(?:I?Q\d+_[0-9A-Z_]+|I?Q\d+|TQ\d+_\d+|MXFP4(?:_MOE)?|BF16|FP?16|FP?32))(?=$|[-.])/i
const SPLIT = /-(\d{5})-of-(\d{5})$/i

/** Models among files; everything that is not weights (projectors, importance matrices, other formats) is left out. */
export function groupModels<File extends NamedFile>(files: readonly File[]): readonly NamedModel<File>[] {
  const groups = new Map<string, { stem: string; total: number; files: Map<number, File> }>()
  for (const file of files) {
    if (!/\.gguf$/i.test(file.name)) continue
    const path = file.name.slice(0, -".gguf".length)
    const base = path.slice(path.lastIndexOf("/") + 1)
    if (/mmproj|imatrix/i.test(base)) continue
    const split = SPLIT.exec(path)
    const key = split === null ? path : `${path.slice(0, split.index)}-of-${split[2]}`
    const group = groups.get(key) ?? {
      stem: split === null ? base : base.replace(SPLIT, ""),
      total: split === null ? 1 : Number(split[2]),
      files: new Map<number, File>(),
    }
    group.files.set(split === null ? 1 : Number(split[1]), file)
    groups.set(key, group)
  }
  return [...groups.values()].map((group) => ({
    quantization: quantizationOfName(group.stem),
    stem: group.stem,
    files: [...group.files].sort((a, b) => a[0] - b[0]).map(([, file]) => file),
    complete: Array.from({ length: group.total }, (_, index) => index + 1).every((part) =>
      group.files.has(part),
    ),
  }))
}

/** The model of a quantisation, or the preferred one. Undefined when there is none. */
export function chooseModel<File extends NamedFile>(
  models: readonly NamedModel<File>[],
  quantization: string | undefined,
): NamedModel<File> | undefined {
  const wanted = quantization?.toUpperCase()
  const fitting =
    wanted === undefined
      ? models
      : models.filter((model) => model.quantization === wanted || model.stem.toUpperCase() === wanted)
  return [...fitting].sort(
    (a, b) =>
      Number(b.complete) - Number(a.complete) ||
      rank(a.quantization) - rank(b.quantization) ||
      a.stem.length - b.stem.length ||
      a.stem.localeCompare(b.stem),
  )[0]
}

export function quantizationOfName(stem: string): string {
  // The last mention counts: names of models hold things like Q8 too.
  const found = [...stem.matchAll(new RegExp(QUANTIZATION, "gi"))].at(-1)?.[1] ?? ""
  return found.toUpperCase().replace(/^FP(16|32)$/, "F$1")
}

function rank(quantization: string): number {
  const at = PREFERRED.indexOf(quantization.replace(/^UD-/, ""))
  return at < 0 ? PREFERRED.length : at
}
