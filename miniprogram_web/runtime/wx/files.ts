// Temporary files: what was chosen, drawn or fetched, by the path that the page holds.

const files = new Map<string, File>()

/** Keeps a file and gives its path, which an <image> can show as well. */
export function keepFile(blob: Blob, name: string): string {
  const path = URL.createObjectURL(blob)
  files.set(path, blob instanceof File ? blob : new File([blob], name, { type: blob.type }))
  return path
}

export function fileOf(path: string): File {
  const file = files.get(path)
  if (!file) throw new Error(`file not found: ${path}`)
  return file
}
