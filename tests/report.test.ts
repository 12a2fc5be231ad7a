/** The reports of `obscura anonymize`: of a first, a repeated and an interrupted run. */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { findProgram, missing } from '@obscura/test-servers/requirement'
import { mountSmallDisk } from '@obscura/test-servers/small-disk'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ended, FIXTURES, obscura, printed, start } from './command.js'

let root: string
const at = (name: string) => path.join(root, name)
// Nearly every face is doubtful with this threshold.
const OPTIONS = ['--face', '--face-threshold', '0.9', '--no-heads', '--anonymization-method', 'blacken', '--bbox', '--jobs', '1']

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-reports-'))
  await mkdir(at('photos/sub'), { recursive: true })
  const small = sharp(path.join(FIXTURES, 'group-portrait.jpg')).resize(640)
  const position = { GPSLatitudeRef: 'N', GPSLatitude: '47/1 4/1 0/1', GPSLongitudeRef: 'E', GPSLongitude: '15/1 26/1 0/1' }
  await small.clone().withExif({ IFD3: position }).jpeg().toFile(at('photos/a.jpg'))
  await cp(at('photos/a.jpg'), at('photos/sub/b.jpg'))
  await writeFile(at('photos/sub/c.jpg'), 'no image')
})
afterAll(() => rm(root, { recursive: true }))

async function run(folder: string, out: string) {
  const reports = ['--report', at(`${out}.html`), '--report', at(`${out}.csv`)]
  const result = await obscura(['anonymize', at(folder), '--out', at(out), ...OPTIONS, ...reports])
  const rows = (await readFile(at(`${out}.csv`), 'utf8')).trim().split('\r\n')
  return { ...result, page: await readFile(at(`${out}.html`), 'utf8'), rows: rows.map(row => row.split(',')) }
}

const columns = ({ rows: [head, ...rows] }: { rows: string[][] }, ...names: string[]) =>
  rows.map(row => names.map(name => row[head.indexOf(`"${name}"`)]))

test('a report of a first run shows results only, and a second run counts what the first one found', async () => {
  const first = await run('photos', 'out')
  expect(first.code).toBe(1)
  expect(columns(first, 'status', 'latitude', 'longitude')).toEqual([
    ['"anonymized"', '47.0666667', '15.4333333'],
    ['"anonymized"', '47.0666667', '15.4333333'],
    ['"failed"', '', ''],
  ])
  const [[faces]] = columns(first, 'face')
  expect(Number(faces)).toBeGreaterThan(2)
  const crops = [
    ...first.page.matchAll(
      /data:image\/jpeg;base64,([^"]+)"><i style="left:([\d.]+)%;top:([\d.]+)%;width:([\d.]+)%;height:([\d.]+)%/g,
    ),
  ]
  expect(crops.length).toBeGreaterThan(2)
  for (const [, base64, ...numbers] of crops) {
    const [left, top, width, height] = numbers.map(number => Number(number) / 100)
    const { data, info } = await sharp(Buffer.from(base64, 'base64')).raw().toBuffer({ resolveWithObject: true })
    const [x, y] = [Math.floor((left + width / 2) * info.width), Math.floor((top + height / 2) * info.height)]
    expect(Math.max(...data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3))).toBeLessThan(25)
  }
  for (const words of ['c.jpg</td><td>CONTENT_TYPE_ERROR', 'face_threshold</td><td>0.9', 'ssd-face@', 'Signature'])
    expect(first.page.includes(words), words).toBe(true)
  expect(first.page.match(/<script|src="(?!data:)|https?:/)).toBeNull()
  expect((await readdir(root)).sort()).toEqual(['out', 'out.csv', 'out.html', 'photos'])

  const second = await run('photos', 'out')
  expect(columns(second, 'status', 'face', 'doubtful')).toEqual([
    ['"anonymized earlier"', ...columns(first, 'face', 'doubtful')[0]],
    ['"anonymized earlier"', ...columns(first, 'face', 'doubtful')[1]],
    ['"failed"', '', ''],
  ])
  expect(second.page.match(/<figure>/g)).toHaveLength(crops.length)

  // An original in the place of a result is neither done nor shown.
  await cp(at('photos/a.jpg'), at('out/a.jpg'))
  const third = await run('photos', 'out')
  expect(columns(third, 'status')[0]).toEqual(['"anonymized"'])
})

test.skipIf(missing('ogr2ogr'))('the list opens as points, with columns of the right types, whatever the names are', async () => {
  // Where each photo was taken: latitude, longitude; GDAL is the library with which QGIS reads.
  const taken: [name: string, ...position: [string, string, string, string] | []][] = [
    ['München, Maße.jpg', '48/1 8/1 0/1', 'N', '11/1 34/1 3000/100', 'E'],
    ['nowhere.jpg'],
    ['rio; "Leblon".jpg', '22/1 57/1 1800/100', 'S', '43/1 9/1 0/1', 'W'],
    ['sydney.jpg', '33/1 51/1 3600/100', 'S', '151/1 12/1 0/1', 'E'],
    ["west, north's.jpg", '0/1 30/1 0/1', 'N', '0/1 0/1 3600/100', 'W'],
  ]
  await mkdir(at('places, all'), { recursive: true })
  for (const [name, ...[GPSLatitude, GPSLatitudeRef, GPSLongitude, GPSLongitudeRef]] of taken) {
    const photo = sharp({ create: { width: 64, height: 64, channels: 3, background: 'gray' } })
    if (GPSLatitude)
      photo.withExif({ IFD3: { GPSLatitude, GPSLatitudeRef, GPSLongitude, GPSLongitudeRef } as Record<string, string> })
    await photo.jpeg().toFile(at(`places, all/${name}`))
  }
  await writeFile(at('places, all/zero.jpg'), 'no image')
  await run('places, all', 'map')
  const points = ['-oo', 'X_POSSIBLE_NAMES=longitude', '-oo', 'Y_POSSIBLE_NAMES=latitude', '-oo', 'AUTODETECT_TYPE=YES']
  await promisify(execFile)(findProgram('ogr2ogr')!, ['-f', 'GeoJSON', at('map.json'), at('map.csv'), ...points])
  const { features } = JSON.parse(await readFile(at('map.json'), 'utf8')) as {
    features: { geometry: { type: string; coordinates: number[] } | null; properties: Record<string, unknown> }[]
  }
  const found = features.map(({ geometry, properties: { file, face } }) => [file, geometry?.type, geometry?.coordinates, face])
  const point = (name: string, longitude: number, latitude: number) => [
    at(`places, all/${name}`),
    'Point',
    [longitude, latitude],
    0,
  ]
  expect(found).toEqual([
    point('München, Maße.jpg', 11.575, 48.1333333),
    [at('places, all/nowhere.jpg'), undefined, undefined, 0],
    point('rio; "Leblon".jpg', -43.15, -22.955),
    point('sydney.jpg', 151.2, -33.86),
    point("west, north's.jpg", -0.01, 0.5),
    [at('places, all/zero.jpg'), undefined, undefined, undefined],
  ])
})

test('an interrupted run writes a report that says so', async () => {
  await mkdir(at('many'))
  for (let i = 0; i < 6; i++) await cp(at('photos/a.jpg'), at(`many/${i}.jpg`))
  const child = start(['anonymize', at('many'), '--out', at('cut'), ...OPTIONS, '--report', at('cut.html')])
  const end = ended(child)
  await printed(child, 'stderr', /\[2\/6\]/)
  child.kill('SIGINT')
  expect((await end).code).toBe(130)
  const page = await readFile(at('cut.html'), 'utf8')
  expect(page.includes('The run was interrupted.')).toBe(true)
  expect(page).toMatch(/<td>Not processed<\/td><td class="n">[1-4]</)
})

const disk = mountSmallDisk(1)
afterAll(() => disk?.remove())

test.skipIf(!disk)(
  'a disk that is full when the report is written costs the report, not the summary, and leaves nothing',
  async () => {
    await mkdir(at('full'))
    await cp(at('photos/a.jpg'), at('full/a.jpg'))
    await writeFile(path.join(disk!.folder, 'ballast'), Buffer.alloc(2_000_000)).catch(() => {})
    const report = path.join(disk!.folder, 'r.html')
    const { code, stderr } = await obscura(['anonymize', at('full'), '--out', at('full-out'), ...OPTIONS, '--report', report])
    expect(stderr).toMatch(/1 anonymized into .*\n.*The report could not be written: no space left on device\. Run the same/)
    expect(code).toBe(1)
    expect(await readdir(disk!.folder)).toEqual(['ballast'])
  },
)

test('a report that cannot be written is refused before any image is processed', async () => {
  await writeFile(at('notes.csv'), 'a,b\n')
  for (const [file, message] of [
    [at('notes.csv'), 'exists and is not a report'],
    [at('notes.csv/x.html'), 'Cannot write the report'],
    [at('x.pdf'), 'Its name must end in .html or .csv.'],
  ]) {
    const { code, stderr } = await obscura(['anonymize', at('photos'), '--out', at('none'), '--report', file])
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)])
    expect(stderr).not.toContain('[1/')
  }
})
