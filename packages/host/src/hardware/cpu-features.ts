// Processor features that change how fast a model runs, out of the many that the kernel lists.

/** The kernel's names on x86 and ARM. `asimd` is what is called NEON everywhere else. */
const RELEVANT: ReadonlySet<string> = new Set([
  "sse4_2",
  "avx",
  "avx2",
  "avx_vnni",
  "fma",
  "f16c",
  "avx512f",
  "avx512bw",
  "avx512vl",
  "avx512_vnni",
  "avx512_bf16",
  "avx512_fp16",
  "amx_tile",
  "amx_int8",
  "amx_bf16",
  "asimd",
  "asimdhp",
  "asimddp",
  "i8mm",
  "bf16",
  "sve",
  "sve2",
  "sme",
])

export function relevantFeatures(names: readonly string[]): readonly string[] {
  const found = names.map((name) => name.toLowerCase()).filter((name) => RELEVANT.has(name))
  return found.includes("asimd") ? [...found, "neon"] : found
}
