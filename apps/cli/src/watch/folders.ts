import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { CommandError } from '../command-error.js'
import { nameOf, onDisk, printable } from '../file-names.js'

/** Whether a folder of that name is there now; a mount can go away. */
export async function isFolder(name: string): Promise<boolean> {
  return stat(onDisk(name)).then(
    kind => kind.isDirectory(),
    () => false,
  )
}

/**
 * Makes sure that nothing written is found as an input, and no input lies where results go.
 * @throws CommandError that names the folder to be changed
 */
export async function checkFolders(folder: string, out: string, failed: string | undefined): Promise<void> {
  if (!(await isFolder(folder))) throw new CommandError(`${printable(folder)} is not a folder. Create it or mount it first.`)
  const watched = await resolved(folder)
  for (const [flag, name] of Object.entries({ '--out': out, '--failed': failed })) {
    if (name === undefined) continue
    const real = await resolved(name)
    if (isWithin(real, watched) || isWithin(watched, real)) {
      throw new CommandError(
        `${printable(name)} and the watched folder ${printable(folder)} lie one inside the other. Choose another folder with ${flag}.`,
      )
    }
  }
}

function isWithin(folder: string, parent: string): boolean {
  return folder === parent || folder.startsWith(path.join(parent, path.sep))
}

/** The real path of a folder, of which the last parts may not exist yet. */
async function resolved(name: string): Promise<string> {
  const full = path.resolve(name)
  try {
    return nameOf(await realpath(onDisk(full), { encoding: 'buffer' }))
  } catch (error) {
    const above = path.dirname(full)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === full) throw error
    return path.join(await resolved(above), path.basename(full))
  }
}
