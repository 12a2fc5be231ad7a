import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { type EngineParameters, MAX_LOGO_BYTES } from '@obscura/contract'
import type { Command } from 'commander'
import { CommandError } from '../command-error.js'
import { onDisk, printable } from '../file-names.js'
import type { FlagValues } from './flags.js'

/** A logo, and what is recorded of it with the settings of results. */
export interface Logo {
  file: Uint8Array
  sha256: string
}

const EXAMPLE = `--areas '[{"nadir": 20, "method": "logo"}]'`

/** Adds the flag that names the logo. */
export function addLogoFlag(command: Command): Command {
  return command.option('--logo <file>', `PNG or JPEG file that covers a pole of panoramas: ${EXAMPLE}`)
}

/**
 * Reads the file of the flag. It is not decoded here.
 * @throws CommandError when there is a logo without an area for it, or an area without a logo
 */
export async function readLogo({ logo: name }: FlagValues, { areas }: EngineParameters): Promise<Logo | undefined> {
  const isWanted = areas.some(({ method }) => method === 'logo')
  if (typeof name !== 'string') {
    if (isWanted) throw new CommandError('An area has the method logo, but there is none. Add --logo FILE.')
    return undefined
  }
  if (!isWanted) throw new CommandError(`--logo needs an area that it covers. Add for example ${EXAMPLE}.`)
  try {
    const { size } = await stat(onDisk(name))
    if (size > MAX_LOGO_BYTES)
      throw new CommandError(`${printable(name)} is ${size} bytes long; a logo has at most ${MAX_LOGO_BYTES}.`)
    const file = await readFile(onDisk(name))
    return { file, sha256: createHash('sha256').update(file).digest('hex') }
  } catch (error) {
    throw error instanceof CommandError
      ? error
      : new CommandError(`The logo ${printable(name)} cannot be read: ${(error as Error).message}`)
  }
}
