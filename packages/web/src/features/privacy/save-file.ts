/** Hands a text to the browser as a file to keep. */
export function saveFile({ name, text, type }: { readonly name: string; readonly text: string; readonly type: string }): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement("a")
  link.href = url
  link.download = name
  link.click()
  // Browsers read it after the click; its memory is given back when they surely have.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
