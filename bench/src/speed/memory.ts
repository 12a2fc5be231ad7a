/**
 * The most memory that the engine's process held for one image, alone and with the engine's
 * defaults: all four classes, both masks. Each image gets a process of its own (Linux only).
 */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { createEngine } from '@obscura/engine'
import type { Command } from 'commander'
import sharp from 'sharp'
import { ALL_CLASSES } from '../all-classes.js'
import {
  foldersOf,
  type ModelOptions,
  type PrecisionOptions,
  positive,
  repeatable,
  withModels,
  withPrecision,
} from '../options.js'
import type { Table } from '../report/table.js'
import { enlargedStreet } from '../repository.js'
import { engineProcess } from './engine-process.js'

interface Options extends ModelOptions, PrecisionOptions {
  size: string[]
  png?: boolean
  threads?: number
}

const EVERYTHING = { ...ALL_CLASSES, binary_segmentation_mask: true, instance_segmentation_mask: true }
const SIZES = ['4000x3000', '8192x4096', '11000x5500']
const MIB = 1024 ** 2

export function command(command: Command): Command {
  return withPrecision(withModels(command))
    .argument('[photos...]', 'photos; default: an enlarged street photo')
    .option('--size <size>', 'px, as 4000x3000; may be repeated', repeatable(SIZES), SIZES)
    .option('--png', 'encode the images as PNG')
    .option('--threads <number>', 'threads per image; default: chosen by the engine', positive)
}

export async function run(options: Options, photos: string[]): Promise<Table[]> {
  sharp.cache(false)
  const rows: Table['rows'] = []
  for (const [name, read] of images(options, photos)) {
    const image = await read()
    const { precision, threads } = options
    const engine = createEngine({ ...foldersOf(options), precision, children: 1, threads })
    const start = performance.now()
    const { width, height, detections } = await engine.anonymize(image, EVERYTHING)
    const seconds = (performance.now() - start) / 1000
    const peak = Math.round((await engineProcess()).peakMemory / MIB)
    rows.push([name, `${width} x ${height}`, detections.length, seconds.toFixed(1), peak])
    console.error(`${name}: ${peak} MiB`)
    await engine.close()
  }
  return [{ head: ['image', 'size', 'detections', 'seconds', 'peak MiB'], rows }]
}

function images({ size, png = false }: Options, photos: string[]): [name: string, image: () => Promise<Buffer>][] {
  if (photos.length > 0) return photos.map(photo => [basename(photo), () => (png ? asPng(photo) : readFile(photo))])
  return size.map(text => [`street-taxis, ${text}`, () => enlarged(text, png)])
}

function asPng(photo: string): Promise<Buffer> {
  return sharp(photo, { limitInputPixels: false }).png({ compressionLevel: 3 }).toBuffer()
}

async function enlarged(size: string, png: boolean): Promise<Buffer> {
  const [width, height] = size.split('x').map(Number)
  const image = enlargedStreet(width, height)
  return (png ? image.png({ compressionLevel: 3 }) : image.jpeg({ quality: 90 })).toBuffer()
}
