/** The name of a model made of that of its file; undefined when nothing of it can be used. */
export function modelName(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replace(/\.onnx$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(name) ? name : undefined
}
