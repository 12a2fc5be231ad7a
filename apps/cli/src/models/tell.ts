/** How the commands of models print what they tell. */

/** 3.7 MB */
export function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? 'size not stated' : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
}

/** Lines "name: value", with the values below each other. */
export function fields(entries: readonly (readonly [name: string, value: string | undefined])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length)) + 2
  return entries.flatMap(([name, value]) => (value ? [`${`${name}:`.padEnd(width)}${value}`] : [])).join('\n')
}
