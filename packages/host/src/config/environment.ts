// The only place that reads this process's environment.

export type Environment = Readonly<Record<string, string | undefined>>

export function readEnvironment(): Environment {
  return process.env
}

/** What a child of ours may know: where programs and libraries are, the language, the time zone. No key, no home, no proxy. */
const FOR_CHILDREN = [
  "PATH",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
  "SystemRoot",
  "SYSTEMROOT",
  "TEMP",
  "TMP",
  // Which graphics processors a process sees; without them the child would use others than the user chose.
  "CUDA_VISIBLE_DEVICES",
  "HIP_VISIBLE_DEVICES",
  "ROCR_VISIBLE_DEVICES",
  "GGML_VK_VISIBLE_DEVICES",
  "VK_ICD_FILENAMES",
]

export function readChildEnvironment(environment: Environment = readEnvironment()): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of FOR_CHILDREN) {
    const value = environment[name]
    if (value !== undefined) kept[name] = value
  }
  return kept
}
