/** Files of a drop or a file chooser, with their paths below what was chosen. */
export interface Chosen {
  file: File
  path: string
}

/** All files of a drop, in folders too. */
export async function droppedFiles(transfer: DataTransfer): Promise<Chosen[]> {
  // Entries must be taken before the first await: the list is emptied then.
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry()).filter(entry => entry !== null)
  if (entries.length === 0) return chosenFiles(transfer.files)
  return (await Promise.all(entries.map(entry => filesIn(entry)))).flat()
}

/** The files of a file input, with their paths in a chosen folder. */
export function chosenFiles(files: FileList | null): Chosen[] {
  return [...(files ?? [])].map(file => ({ file, path: file.webkitRelativePath || file.name }))
}

async function filesIn(entry: FileSystemEntry): Promise<Chosen[]> {
  if (entry.name.startsWith('.')) return []
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    return [{ file, path: entry.fullPath.replace(/^\//, '') }]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const chosen: Chosen[] = []
  // A reader gives a hundred entries at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return chosen.sort((a, b) => a.path.localeCompare(b.path, undefined, { numeric: true }))
    for (const each of some) chosen.push(...(await filesIn(each)))
  }
}
