// Says what a file is that is no GGUF file, so that the user knows what went wrong (an error page that was saved as
// a model, weights in another format). Nothing is parsed here.

const SIGNATURES: readonly (readonly [prefix: string, meaning: string])[] = [
  ["PK\u0003\u0004", "it is a ZIP archive or a PyTorch file, which Fireside does not open"],
  ["\u0080\u0002", "it is a Python pickle, which Fireside never opens because loading one runs code"],
  ["\u001f\u008b", "it is a gzip archive; unpack it first"],
  ["BZh", "it is a bzip2 archive; unpack it first"],
  ["\u00fd7zXZ", "it is an xz archive; unpack it first"],
  ["version https://git-lfs", "it is a Git LFS pointer; fetch the file itself (git lfs pull)"],
  ["<", "it is an HTML or XML page, perhaps an error page of the server it came from"],
  ["GGML", "it is a model in the old GGML format; get the GGUF version"],
  ["ggml", "it is a model in the old GGML format; get the GGUF version"],
  ["lmgg", "it is a model in the old GGML format; get the GGUF version"],
  ["tjgg", "it is a model in the old GGJT format; get the GGUF version"],
  ["fmgg", "it is a model in the old GGMF format; get the GGUF version"],
  ["\u007fELF", "it is a program"],
  ["%PDF", "it is a PDF document"],
]

/** A half sentence on what these first bytes of a file look like. */
export function foreignFormat(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes)
  const known = SIGNATURES.find(([prefix]) => text.trimStart().startsWith(prefix) || text.startsWith(prefix))
  if (known !== undefined) return known[1]
  if (bytes.every((byte) => byte === 0))
    return "it begins with zeros only, as after a download that broke off"
  if (text.slice(8).startsWith('{"'))
    return "it looks like safetensors; a GGUF version of the model is needed"
  if (text.slice(257, 262) === "ustar") return "it is a tar archive; unpack it first"
  return "its format is unknown"
}
