/**
 * `npm run memory -w bench -- [PHOTO...]`: the most memory that the engine's process held while it worked on one image, alone and with the engine's
 * defaults: all four classes, both masks. Each image gets a process of its own (Linux only). Without a photo: the street of the tests, enlarged.
 */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createEngine, DEFAULT_PARAMETERS } from '@obscura/engine'
import sharp from 'sharp'
import { engineProcess } from './engine-process.js'

const local = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

const { values, positionals: photos } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', multiple: true, default: ['4000x3000', '8192x4096', '11000x5500'] },
    png: { type: 'boolean', default: false },
    threads: { type: 'string' },
    models: { type: 'string', default: local('models') },
  },
})

const EVERYTHING = {
  ...DEFAULT_PARAMETERS,
  face: true,
  person: true,
  license_plate: true,
  vehicle: true,
  binary_segmentation_mask: true,
  instance_segmentation_mask: true,
}

type Named = [name: string, image: () => Promise<Buffer>]

function images(): Named[] {
  if (photos.length > 0) return photos.map(photo => [basename(photo), () => (values.png ? asPng(photo) : readFile(photo))])
  return values.size.map(size => [`street-taxis, ${size}`, () => enlarged(size)])
}

function asPng(photo: string): Promise<Buffer> {
  return sharp(photo, { limitInputPixels: false }).png({ compressionLevel: 3 }).toBuffer()
}

async function enlarged(size: string): Promise<Buffer> {
  const [width, height] = size.split('x').map(Number)
  const image = sharp(local('tests/fixtures/street-taxis.jpg')).resize(width, height, { fit: 'cover' })
  return (values.png ? image.png({ compressionLevel: 3 }) : image.jpeg({ quality: 90 })).toBuffer()
}

sharp.cache(false)
console.log('| image | size | detections | seconds | peak MiB |\n|---|---|---|---|---|')
for (const [name, read] of images()) {
  const image = await read()
  const engine = createEngine({
    modelsFolder: values.models,
    children: 1,
    threads: values.threads ? Number(values.threads) : undefined,
  })
  const start = performance.now()
  const { width, height, detections } = await engine.anonymize(image, EVERYTHING)
  const seconds = (performance.now() - start) / 1000
  const peak = (await engineProcess()).peakMemory / 1024 ** 2
  console.log(`| ${name} | ${width} x ${height} | ${detections.length} | ${seconds.toFixed(1)} | ${Math.round(peak)} |`)
  await engine.close()
}
