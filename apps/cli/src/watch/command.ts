import { Command, InvalidArgumentError } from 'commander'
import { wantedSidecars } from '../anonymize/command.js'
import { openResults } from '../anonymize/results.js'
import { printable } from '../file-names.js'
import {
  addEngineFlags,
  addParameterFlags,
  type FlagValues,
  imageConcurrency,
  openEngine,
  readParameters,
} from '../images/flags.js'
import { readLimits } from '../images/limits.js'
import { addLogoFlag, readLogo } from '../images/logo.js'
import { abortOnInterrupt } from '../interrupt.js'
import { checkFolders } from './folders.js'
import { createMirror } from './mirror.js'
import { watchFolder } from './watch.js'

const EXAMPLES = `
Examples:
  $ obscura watch incoming --out anonymized
      Anonymize every image that is put into the folder or its subfolders, until Ctrl-C or SIGTERM.
  $ obscura watch /mnt/nas/incoming --out /srv/anonymized --failed /srv/failed --settle 90 --interval 30
      A network mount: its sizes and times may be a minute old, so wait longer before an image is taken.

An image is taken when its size and modification time have not changed for --settle seconds, and again when it is replaced.
Results are written whole or not at all; after a crash or restart, finished images are skipped. Nothing in the watched folder
is changed, and results stay when their images are moved or deleted, unless --mirror-deletions is given. An image that failed is tried again when it
changes, every 15 minutes and after a restart. Only one command at a time may watch for the same output folder.
Ctrl-C or SIGTERM finishes the images in progress and ends with exit code 0; a second one ends at once.`

/** `obscura watch` */
export function watchCommand(): Command {
  const command = new Command('watch')
    .description('Anonymize images as they arrive in a folder (hot folder), on local disks and network mounts.')
    .argument('<folder>', 'folder to watch, with its subfolders, for names that end in .jpg, .jpeg or .png')
    .requiredOption(
      '--out <folder>',
      'folder for the results, created if missing, outside the watched folder; subfolders are kept',
    )
    .option(
      '--failed <folder>',
      'folder for a text file with the reason for each image that failed; images are never copied there',
    )
    .option('--settle <seconds>', 'time without a change after which an image is taken', readSeconds, 5)
    .option('--interval <seconds>', 'pause between two searches of the folder', readSeconds, 2)
    .option('--mirror-deletions', 'remove the results of images that are removed from the folder, or moved within it')
    .option('--lossless', 're-encode only JPEG blocks that contain detections; ignores --quality')
    .option('--metadata', 'write the detections beside each image: b.jpg gives b.json')
  addParameterFlags(addEngineFlags(addLogoFlag(command)), 'anonymize')
  return command.addHelpText('after', EXAMPLES).action(watch)
}

async function watch(folder: string, flags: FlagValues): Promise<void> {
  const out = flags.out as string
  const failed = flags.failed as string | undefined
  const parameters = readParameters(flags)
  const logo = await readLogo(flags, parameters)
  await checkFolders(folder, out, failed)
  const stop = abortOnInterrupt().signal
  const { lossless, strict, heads } = flags
  const results = await openResults(out, { parameters, lossless, strict, heads, logo: logo?.sha256 }, folder)
  const engine = openEngine(flags)
  console.error(`Watching ${printable(folder)}, writing to ${printable(out)}. Ctrl-C ends it.`)
  try {
    const settleMs = (flags.settle as number) * 1000
    const aboutForeign = 'move it away, and the image is tried again'
    const run = {
      aboutForeign,
      results,
      engine,
      parameters,
      logo: logo?.file,
      limits: readLimits(flags),
      concurrency: imageConcurrency(flags),
      force: false,
    }
    const total = await watchFolder({
      folder,
      out,
      failed,
      sidecars: wantedSidecars(flags, parameters),
      settleMs,
      mirror: flags.mirrorDeletions ? createMirror(results, folder, failed, settleMs) : undefined,
      intervalMs: (flags.interval as number) * 1000,
      run,
      stop,
    })
    console.error(`Stopped. ${total.done} anonymized, ${total.failed} failed since the start.`)
  } finally {
    await Promise.all([engine.close(), results.close()])
  }
}

function readSeconds(given: string): number {
  if (!/^\d{1,5}(\.\d{1,3})?$/.test(given) || Number(given) === 0)
    throw new InvalidArgumentError('It must be a number of seconds above 0, such as 5 or 0.5.')
  return Number(given)
}
