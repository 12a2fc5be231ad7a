/** `node dist/accuracy.js --data FOLDER`: how much the engine finds on labelled photos, and what it takes for an object by mistake. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CLASSES, type ObjectClass } from '@obscura/engine'
import { loadNets, type ProfileName } from '@obscura/engine/detect'
import { readManifests } from '@obscura/engine/manifest'
import { loadMaskNet } from '@obscura/engine/masknet'
import sharp from 'sharp'
import { emptyTally, figuresOf, type Tally, table } from './accuracy/figures.js'
import { readLabels } from './accuracy/labels.js'
import { measure, type Result } from './accuracy/measure.js'
import { type Cell, writeSheet } from './accuracy/sheet.js'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    out: { type: 'string', default: 'accuracy' },
    models: { type: 'string', default: fileURLToPath(new URL('../../models', import.meta.url)) },
    profile: { type: 'string', default: 'standard' },
    class: { type: 'string', multiple: true, default: [...CLASSES] },
    source: { type: 'string', multiple: true },
    limit: { type: 'string' },
    threads: { type: 'string', default: '1' },
  },
})
if (!values.data) throw new Error('--data FOLDER is missing: the folder with annotations.json; see bench/README.md')

sharp.cache(false)
const classes = values.class as ObjectClass[]
const nets = await loadNets(values.models, { threads: Number(values.threads), profile: values.profile as ProfileName })
const segmenter = (await readManifests(values.models)).find(manifest => manifest.task === 'segment')
if (!segmenter) throw new Error(`${values.models} has no manifest with the task "segment"`)
const maskNet = await loadMaskNet(segmenter, values.models, { threads: Number(values.threads) })

const photos = (await readLabels(values.data)).filter(
  ({ labelled, source }) => classes.some(name => labelled.includes(name)) && (values.source?.includes(source) ?? true),
)
const step = values.limit ? Math.max(1, Math.floor(photos.length / Number(values.limit))) : 1
const chosen = photos.filter((_, i) => i % step === 0)
const results: Result[] = []
for (const photo of chosen) {
  results.push(await measure(values.data, photo, classes, nets, maskNet))
  if (results.length % 50 === 0) console.error(`${results.length} of ${chosen.length} photos`)
}
await Promise.all([nets.close(), maskNet.close()])

const rows = classes.flatMap(name => {
  const sources = [...new Set(results.filter(({ tallies }) => tallies.has(name)).map(({ photo }) => photo.source))]
  return sources.map(source => ({ name, source, figures: figuresOf(total(name, source)) }))
})
const milliseconds = results.reduce((sum, result) => sum + result.milliseconds, 0) / results.length
console.log(table(rows))
console.log(
  `\n${results.length} photos, profile ${values.profile}, ${values.threads} thread(s): ${milliseconds.toFixed(0)} ms a photo on average`,
)

await mkdir(values.out, { recursive: true })
await writeFile(join(values.out, 'accuracy.json'), JSON.stringify({ rows, photos: results.map(forJson) }, null, 1))
for (const name of classes) await writeSheet(join(values.out, `${name}.png`), values.data, cellsOf(name))

/** All photos of a source, added up for a class. */
function total(name: ObjectClass, source: string): Tally {
  const sum = emptyTally()
  for (const { photo, tallies } of results) {
    const tally = tallies.get(name)
    if (!tally || photo.source !== source) continue
    sum.verdicts.push(...tally.verdicts)
    sum.photos += tally.photos
    sum.complete += tally.complete
    sum.detections += tally.detections
    sum.falseDetections += tally.falseDetections
    sum.stray.rectangles += tally.stray.rectangles
    sum.stray.outlines += tally.stray.outlines
  }
  return sum
}

/** Misses, largest first, then false detections, best score first: fifty each. */
function cellsOf(name: ObjectClass): Cell[] {
  const misses = results
    .flatMap(({ photo, tallies }) => (tallies.get(name)?.verdicts ?? []).map(verdict => ({ photo, verdict })))
    .filter(({ verdict }) => !verdict.covered.rectangles)
    .sort((a, b) => b.verdict.size - a.verdict.size)
    .map(({ photo, verdict }) => ({
      image: photo.image,
      box: verdict.object.bbox,
      caption: `missed, ${verdict.size.toFixed(0)} px`,
      colour: '#ff4040',
    }))
  const wrong = results
    .flatMap(({ photo, wrong }) => wrong.filter(detection => detection.class === name).map(detection => ({ photo, detection })))
    .sort((a, b) => b.detection.score - a.detection.score)
    .map(({ photo, detection }) => ({
      image: photo.image,
      box: detection.box,
      caption: `false, ${detection.score.toFixed(2)}`,
      colour: '#ffd000',
    }))
  return [...misses.slice(0, 50), ...wrong.slice(0, 50)]
}

function forJson({ photo, detections, milliseconds }: Result) {
  return { image: photo.image, milliseconds: Math.round(milliseconds), detections }
}
