// TEMPORARY while issue 4 is being built: a use case whose file is not written yet.
export function later(): never {
  throw new Error("not built yet")
}
