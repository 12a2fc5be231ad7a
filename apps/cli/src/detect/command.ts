import { metadataDetections } from '@obscura/contract'
import { Command } from 'commander'
import { CommandError } from '../command-error.js'
import { jsonLine } from '../file-names.js'
import { findImages } from '../images/find.js'
import {
  addEngineFlags,
  addParameterFlags,
  type FlagValues,
  imageConcurrency,
  openEngine,
  readParameters,
} from '../images/flags.js'
import { forEachConcurrently } from '../images/for-each.js'
import { readLimits } from '../images/limits.js'
import { waitForMemory } from '../images/memory.js'
import { ignoredFilesMessages, noImagesMessage } from '../images/messages.js'
import { describeProblem } from '../images/problem.js'
import { showProgress, showWaits } from '../images/progress.js'
import { readImage } from '../images/read-image.js'
import { abortOnInterrupt, SIGINT_EXIT_CODE } from '../interrupt.js'

const HELP = `
Prints one JSON object per line, in the order in which the images are finished:
  {"file": "street.jpg", "width": 1280, "height": 853, "detections": [{"score": 0.93, "bbox": [10, 20, 50, 80], "type_label": "face", ...}]}
  {"file": "cut.jpg", "width": 1280, "height": 853, "detections": [], "warnings": ["The image data is damaged or truncated: ..."]}
  {"file": "broken.jpg", "error": "IMAGE_DEFECT: ..."}
Boxes are left, top, right, bottom in pixels of the upright image; detections have the same form as in the API's metadata.

Examples:
  $ obscura detect street.jpg
  $ obscura detect photos --face --face-threshold 0.3 > faces.jsonl
  $ obscura detect photos | jq -r 'select(.detections != []) | .file'`

/** `obscura detect` */
export function detectCommand(): Command {
  const command = new Command('detect')
    .description('Print the detections of images as JSON without changing the images.')
    .argument('<files or folders...>', 'JPEG and PNG images; in folders, names that end in .jpg, .jpeg or .png')
  addParameterFlags(addEngineFlags(command), 'detect')
  return command.addHelpText('after', HELP).action(detect)
}

async function detect(names: string[], flags: FlagValues): Promise<void> {
  const findings = await findImages(names)
  const { photos, problems } = findings
  if (photos.length + problems.length === 0) throw new CommandError(noImagesMessage(names, findings))
  const parameters = readParameters(flags, { anonymization_method: 'detect' })
  const { signal } = abortOnInterrupt()
  const engine = openEngine(flags)
  const { reserve, file: maximum } = readLimits(flags)
  // Output lines on the same terminal show progress, and a bar would corrupt them.
  const progress = (process.stderr.isTTY && !process.stdout.isTTY ? showProgress : showWaits)(photos.length)
  const fail = (file: string, error: string) => {
    print({ file, error })
    process.exitCode = 1
  }
  for (const { file, problem } of problems) fail(file, problem)
  try {
    await forEachConcurrently(photos, imageConcurrency(flags), signal, async ({ file }) => {
      await waitForMemory(reserve, signal, progress)
      if (signal.aborted) return
      progress.begun(file)
      let problem: string | undefined
      try {
        const { bytes } = await readImage(file, maximum)
        const { width, height, detections, warnings } = await engine.anonymize(bytes, parameters, { signal })
        print({ file, width, height, detections: metadataDetections(detections), ...(warnings.length > 0 && { warnings }) })
      } catch (error) {
        if (signal.aborted) return
        problem = describeProblem(error)
        fail(file, problem)
      }
      progress.finished(file, problem)
    })
  } finally {
    progress.stop()
    await engine.close()
  }
  for (const note of ignoredFilesMessages(findings)) console.error(note)
  if (signal.aborted) process.exitCode = SIGINT_EXIT_CODE
}

function print(line: unknown): void {
  process.stdout.write(`${jsonLine(line)}\n`)
}
