import { Command, InvalidArgumentError } from 'commander'
import type { AddFlags } from './add.js'
import type { CalibrateFlags } from './calibrate/calibrate.js'
import type { CheckFlags } from './check.js'

const HELP = `
Models of your own are in the folder OBSCURA_MODELS (own-models in the installation if that is unset): they add to the built-in
ones, or replace those of the same name. docs/models.md says which model suits which use, and how to write a manifest.

Examples:
  $ obscura models list
  $ obscura models add yolox-s                          download it, check it, use it
  $ obscura models add yolox-s --file yolox_s.onnx      the same on a machine without network
  $ obscura models add mine.onnx --classes 0=face       a network of your own
  $ obscura models check yolox-s                        see what it finds
  $ obscura models calibrate yolox-s --data photos      make its scores comparable to the others
  $ obscura models export --out models.tar              for other machines`

const ADD_HELP = `
A name is that of a model in the catalogue: its licence, size and what it replaces are shown, and the file is downloaded over https (through
HTTPS_PROXY, if set) and compared to the SHA-256 in the catalogue before anything loads it. An interrupted download continues.
For a URL, give the SHA-256 that the publisher states. The layout of a file is guessed from its tensors, unless the file is a
manifest (.json) with its network beside it.`

/** `obscura models` */
export function modelsCommand(): Command {
  const command = new Command('models')
    .description('List, add, check, calibrate and export detection models.')
    .addHelpText('after', HELP)
  command
    .command('list')
    .description('List the installed models and those of the catalogue.')
    .action(() => explaining(async () => (await import('./list.js')).list()))
  command
    .command('show')
    .description('Show what is known about a model.')
    .argument('<name>')
    .action((name: string) => explaining(async () => (await import('./list.js')).show(name)))
  command
    .command('add')
    .description('Add a model from the catalogue, a file or a URL.')
    .argument('<name, file or URL>')
    .option('--file <file>', 'use this file instead of downloading the one in the catalogue')
    .option('--sha256 <hex>', 'the SHA-256 that the file must have')
    .option('--name <name>', 'name of the model (default: that of the file)')
    .option('--layout <name>', 'layout of the tensors (default: guessed)')
    .option('--classes <classes>', 'coco80, coco91, or pairs such as 0=face,1=license_plate')
    .option('--licence <SPDX>', 'licence of the weights, for the manifest')
    .addHelpText('after', ADD_HELP)
    .action((source: string, flags: AddFlags) => explaining(async () => (await import('./add.js')).add(source, flags)))
  command
    .command('remove')
    .description('Remove a model of your own.')
    .argument('<name>')
    .action((name: string) => explaining(async () => (await import('./remove.js')).remove(name)))
  command
    .command('check')
    .description('Load a model or an ONNX file, run it on an image, and draw its detections.')
    .argument('<name or file>')
    .option('--image <file>', 'JPEG or PNG (default: a photo of a street)')
    .option('--out <file>', 'the drawing, a JPEG (default: NAME-check.jpg)')
    .option('--layout <name>', 'layout of a file (default: the most likely one)')
    .option('--threshold <number>', 'lowest raw score that is drawn', readFraction, 0.3)
    .action((source: string, flags: CheckFlags) => explaining(async () => (await import('./check.js')).check(source, flags)))
  command
    .command('calibrate')
    .description('Fit the scores of a model of your own on labelled photos, so that thresholds mean the same for all models.')
    .argument('<name>')
    .requiredOption('--data <folder>', 'labelled photos: a folder with annotations.json, see bench/README.md')
    .option('--limit <number>', 'maximum number of photos', readCount)
    .option('--dry-run', 'only print the result')
    .action((name: string, flags: CalibrateFlags) =>
      explaining(async () => (await import('./calibrate/calibrate.js')).calibrate(name, flags)),
    )
  command
    .command('export')
    .description('Pack your own models and profiles into a tar file for other machines.')
    .requiredOption('--out <file>', 'the tar file')
    .action(({ out }: { out: string }) => explaining(async () => (await import('./export.js')).exportModels(out)))
  return command
}

async function explaining(action: () => Promise<void>): Promise<void> {
  try {
    await action()
  } catch (error) {
    throw (await import('./expected-errors.js')).explained(error)
  }
}

function readFraction(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('It must be a number from 0 to 1.')
  return value
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 999999.')
  return Number(text)
}
