import type { EngineParameters } from '@obscura/contract'
import { Command } from 'commander'
import { CommandError } from '../command-error.js'
import { printable } from '../file-names.js'
import { type Findings, findImages } from '../images/find.js'
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
import { ignoredFilesMessages, noImagesMessage } from '../images/messages.js'
import { duration } from '../images/progress.js'
import { abortOnInterrupt, SIGINT_EXIT_CODE } from '../interrupt.js'
import { addReportFlag, reportedSettings } from '../report/flag.js'
import type { Reports } from '../report/write.js'
import { VERSION } from '../version.js'
import { planItems, protectInputs, type Sidecar } from './plan.js'
import { reportedImages } from './reported-images.js'
import { openResults } from './results.js'
import { type Outcome, runAll } from './run.js'

const EXAMPLES = `
Examples:
  $ obscura anonymize photos --out anonymized
      Anonymize all faces, persons, license plates and vehicles in all images of the folder and its subfolders.
  $ obscura anonymize street.jpg --out . --face --license-plate
      Refused: the result would overwrite the input. Choose another folder.
  $ obscura anonymize photos --out anonymized --face --license-plate --metadata
      Faces and license plates only; write the detections beside each image.
  $ obscura anonymize photos --out anonymized --anonymization-method pixelate --face-threshold 0.3
      Pixelate instead of blur; the lower threshold finds more faces, with more false detections.
  $ obscura anonymize photos --out anonymized --report report.html --report images.csv
      A page for whoever has to sign that the results may be published, and a table with positions for a map.
  $ obscura anonymize panoramas --out anonymized --format pano:8000
  $ obscura anonymize --out anonymized -- *.jpg
      Everything after -- is a file name, even if it begins with a dash.

Run the same command again to continue after an interrupt or to add new images: finished images are skipped.
In folders, hidden files, results of earlier runs and files of other types are ignored.
Exit code: 0 if all images are done, 1 if some failed or could not be read, 130 after an interrupt.`

/** `obscura anonymize` */
export function anonymizeCommand(): Command {
  const command = new Command('anonymize')
    .description('Anonymize images: files, or folders with their subfolders.')
    .argument('<files or folders...>', 'JPEG and PNG images; in folders, names that end in .jpg, .jpeg or .png')
    .requiredOption('--out <folder>', 'folder for the results, created if missing; subfolders are kept')
    .option('--force', 'process finished images again, and overwrite files that Obscura did not write')
    .option('--lossless', 're-encode only JPEG blocks that contain detections; ignores --quality')
    .option('--metadata', 'write the detections beside each image: b.jpg gives b.json')
  addParameterFlags(addEngineFlags(addLogoFlag(addReportFlag(command))), 'anonymize')
  return command.addHelpText('after', EXAMPLES).action(anonymize)
}

async function anonymize(names: string[], flags: FlagValues): Promise<void> {
  const out = flags.out as string
  const parameters = readParameters(flags)
  const logo = await readLogo(flags, parameters)
  const wanted = wantedSidecars(flags, parameters)

  const findings = await findImages(names)
  if (findings.photos.length + findings.problems.length === 0) throw new CommandError(noImagesMessage(names, findings))
  const items = await planItems(findings.photos, wanted)
  await protectInputs(items, out)

  const began = performance.now()
  const controller = abortOnInterrupt()
  const { lossless, strict, heads } = flags
  const results = await openResults(out, { parameters, lossless, strict, heads, logo: logo?.sha256 })
  const force = flags.force === true
  const reports = await openAskedReports(flags, force).catch(async error => {
    await results.close()
    throw error
  })
  const engine = openEngine(flags)
  let outcome: Outcome
  let unreported: unknown
  try {
    const concurrency = imageConcurrency(flags)
    const aboutForeign = '--force overwrites it'
    outcome = await runAll({
      aboutForeign,
      items,
      results,
      engine,
      parameters,
      logo: logo?.file,
      limits: readLimits(flags),
      concurrency,
      force,
      controller,
    })
    await engine.close()
    const images = reportedImages(items, results, outcome, findings.problems, out)
    const heading = {
      ...{ inputs: names, out, version: VERSION, at: new Date().toISOString(), interrupted: controller.signal.aborted },
      settings: reportedSettings(parameters, flags),
      ignored: ignoredFilesMessages(findings),
    }
    // The summary comes first, whatever becomes of the report.
    await reports?.write(images, heading).catch(error => {
      unreported = error
    })
  } finally {
    await Promise.all([engine.close(), results.close(), reports?.close()])
  }
  outcome.failed.unshift(...findings.problems)
  console.error(summary(outcome, findings, out, performance.now() - began))
  if (unreported) throw unreported
  if (outcome.failed.length > 0) process.exitCode = 1
  else if (controller.signal.aborted) process.exitCode = SIGINT_EXIT_CODE
}

/**
 * The reports that the flags ask for. Without one, its libraries would only delay the first image.
 */
async function openAskedReports({ report: files }: FlagValues, force: boolean): Promise<Reports | undefined> {
  if (files === undefined) return undefined
  const { openReports } = await import('../report/write.js')
  return openReports(files as string[], force)
}

/** The files that the flags ask for beside each image. */
export function wantedSidecars(flags: FlagValues, parameters: EngineParameters): Sidecar[] {
  const wanted: Sidecar[] = []
  if (flags.metadata) wanted.push('metadata')
  if (parameters.binary_segmentation_mask) wanted.push('binaryMask')
  if (parameters.instance_segmentation_mask) wanted.push('instanceMask')
  return wanted
}

/** The summary of a run. */
export function summary(
  { done, skipped, reencodeReason, warned, failed, left }: Outcome,
  findings: Findings,
  out: string,
  milliseconds: number,
): string {
  const lines = failed.map(({ file, problem }) => `failed: ${printable(file)}: ${printable(problem)}`)
  for (const { file, warnings } of warned) lines.push(`warning: ${printable(file)}: ${printable(warnings.join(' '))}`)
  for (const [reason, [first, ...others]] of reencodeReason) {
    const files = printable(first) + (others.length > 0 ? ` and ${others.length} more` : '')
    lines.push(`not lossless, fully re-encoded: ${files}: ${reason}`)
  }
  lines.push(...ignoredFilesMessages(findings))
  const withWarning = warned.length > 0 ? ` (${warned.length} with a warning)` : ''
  const counts = [`${done} anonymized into ${printable(out)}${withWarning}`]
  if (skipped > 0) counts.push(`${skipped} skipped (already done; --force processes them again)`)
  if (failed.length > 0) counts.push(`${failed.length} failed`)
  if (left > 0) counts.push(`${left} not started: run the same command again to continue`)
  return [...lines, `${counts.join(', ')}. Took ${duration(milliseconds)}.`].join('\n')
}
