import { readFile } from 'node:fs/promises'
import { metadataDetections } from '@obscura/shared/contract'
import { Command } from 'commander'
import { Failure } from '../failure.js'
import { describeProblem, eachAtOnce } from '../images/each.js'
import { findImages } from '../images/find.js'
import { addEngineFlags, addParameterFlags, type FlagValues, imagesAtOnce, openEngine, readParameters } from '../images/flags.js'
import { abortOnInterrupt, INTERRUPTED } from '../interrupt.js'

const HELP = `
Prints one JSON object a line, in the order in which the photos are ready:
  {"file": "street.jpg", "width": 1280, "height": 853, "detections": [{"score": 0.93, "bbox": [10, 20, 50, 80], "type_label": "face", ...}]}
  {"file": "cut.jpg", "width": 1280, "height": 853, "detections": [], "warnings": ["The image data is damaged or truncated: ..."]}
  {"file": "broken.jpg", "error": "IMAGE_DEFECT: ..."}
Boxes are left, top, right, bottom in pixels of the upright photo; detections have the form of the API's metadata.

Examples:
  $ obscura detect street.jpg
  $ obscura detect photos --face --face-threshold 0.3 > faces.jsonl
  $ obscura detect photos | jq -r 'select(.detections != []) | .file'`

/** `obscura detect` */
export function detectCommand(): Command {
  const command = new Command('detect')
    .description('Print what is found in photos as JSON; the photos stay as they are.')
    .argument('<files or folders...>', 'JPEG and PNG photos; in folders, names that end in .jpg, .jpeg or .png')
  addParameterFlags(addEngineFlags(command), 'detect')
  return command.addHelpText('after', HELP).action(detect)
}

async function detect(names: string[], flags: FlagValues): Promise<void> {
  const found = await findImages(names)
  if (found.length === 0) throw new Failure(`No JPEG or PNG photos in ${names.join(', ')}.`)
  const parameters = readParameters(flags, { anonymization_method: 'detect' })
  const { signal } = abortOnInterrupt()
  const engine = openEngine(flags)
  try {
    await eachAtOnce(found, imagesAtOnce(flags), signal, async ({ file }) => {
      try {
        const { width, height, detections, warnings } = await engine.anonymize(await readFile(file), parameters, { signal })
        print({ file, width, height, detections: metadataDetections(detections), ...(warnings.length > 0 && { warnings }) })
      } catch (error) {
        if (signal.aborted) return
        print({ file, error: describeProblem(error) })
        process.exitCode = 1
      }
    })
  } finally {
    await engine.close()
  }
  if (signal.aborted) process.exitCode = INTERRUPTED
}

function print(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
