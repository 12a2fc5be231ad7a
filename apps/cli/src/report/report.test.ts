import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DEFAULT_PARAMETERS, type Output } from '@obscura/engine'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Found, foundIn, readFound } from '../images/found.js'
import { cropOf } from './crop.js'
import type { Heading } from './html.js'
import type { ReportedImage } from './image.js'
import { positionOf } from './position.js'
import { openReports } from './write.js'

let root: string
const at = (name: string) => path.join(root, name)
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-report-'))
})
afterAll(() => rm(root, { recursive: true }))

const OUTPUT: Output = {
  format: 'jpeg',
  width: 100,
  height: 100,
  detections: [
    { class: 'face', score: 0.95, box: [0, 0, 10, 10], anonymised: true },
    { class: 'face', score: 0.52, box: [10.4, 20.6, 30.2, 40], anonymised: true },
    { class: 'person', score: 0.41, box: [0, 0, 50, 90], anonymised: true },
    { class: 'vehicle', score: 0.42, box: [60, 60, 90, 90], anonymised: false },
  ],
  warnings: ['The file is truncated.'],
  device: 'cpu',
  models: [{ name: 'net', sha256: '0123456789abcdef'.repeat(4), precision: 'float' }],
  timings: {},
}
const FOUND = foundIn(OUTPUT, DEFAULT_PARAMETERS)
const HEADING: Heading = {
  inputs: ['photos'],
  out: 'done',
  version: '1.2.3',
  at: '2026-01-02T03:04:05.678Z',
  interrupted: false,
  settings: { face: true, face_threshold: 0.5 },
  ignored: [],
}

/** The text of the reports about these images. */
async function report(images: readonly ReportedImage[], heading: Partial<Heading> = {}): Promise<{ page: string; list: string }> {
  const files = [at('report.html'), at('report.csv')]
  const reports = await openReports(files, false)
  await reports.write(
    (async function* () {
      yield* images
    })(),
    { ...HEADING, ...heading },
  )
  await reports.close()
  const [page, list] = await Promise.all(files.map(file => readFile(file, 'utf8')))
  return { page, list }
}

test('an image is summarized as counts and its most doubtful detections, without those left visible', () => {
  expect(FOUND).toMatchObject({ counts: { face: 2, person: 1 }, ignored: 1, doubtful: 2, models: ['net@0123456789ab'] })
  expect(FOUND.mostDoubtful).toEqual([
    { class: 'person', score: 0.41, margin: 0.01, box: [0, 0, 50, 90] },
    { class: 'face', score: 0.52, margin: 0.02, box: [10, 20, 31, 40] },
  ])
  expect(readFound(JSON.parse(JSON.stringify(FOUND)))).toEqual(FOUND)
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a text', 'found'],
  ['counts of text', { ...FOUND, counts: { face: '<b>' } }],
  ['a class that does not exist', { ...FOUND, mostDoubtful: [{ ...FOUND.mostDoubtful[0], class: '<b>' }] }],
  ['a box of text', { ...FOUND, mostDoubtful: [{ ...FOUND.mostDoubtful[0], box: ['1', 2, 3, 4] }] }],
  ['no models', { ...FOUND, models: undefined }],
])('a journal with %s counts as not recorded', (_, value) => {
  expect(readFound(value)).toBeUndefined()
})

test('a report distinguishes images done now, earlier, by an earlier version, not at all, and failed ones', async () => {
  const { page, list } = await report(
    [
      { file: 'a.jpg', folder: '.', status: 'anonymized', result: at('a.jpg'), found: FOUND },
      { file: 'b.jpg', folder: 'sub', status: 'anonymized earlier', result: at('b.jpg'), found: FOUND },
      { file: 'c.jpg', folder: 'sub', status: 'anonymized earlier', result: at('c.jpg') },
      { file: 'd.jpg', folder: 'sub', status: 'failed', problem: 'IMAGE_DEFECT: It is damaged.' },
      { file: 'e.jpg', folder: 'sub', status: 'not processed' },
    ],
    { interrupted: true },
  )
  for (const words of [
    'Anonymized in this run</td><td class="n">1<',
    'Anonymized in earlier runs with the same settings</td><td class="n">2<',
    'Failed</td><td class="n">1<',
    'Not processed</td><td class="n">1<',
    'The run was interrupted.',
    '1 anonymized by an earlier version, which did not record what it found',
    '<td>All</td><td class="n">3</td><td class="n">4</td><td class="n">2</td>',
    '<td>d.jpg</td><td>IMAGE_DEFECT: It is damaged.</td>',
    'Warnings: 2',
    '4 doubtful, 4 shown.',
    'net@0123456789ab (cpu)</td><td class="n">2<',
    'Obscura 1.2.3',
    '2026-01-02 03:04 UTC',
    'Signature',
  ])
    expect(page).toContain(words)
  const rows = list.split('\r\n').map(line => line.split(','))
  expect(rows.slice(1).map(row => row.slice(3, 7).join())).toEqual([
    '"anonymized",,2,1',
    '"anonymized earlier",,2,1',
    '"anonymized earlier",,,',
    '"failed","IMAGE_DEFECT: It is damaged.",,',
    '"not processed",,,',
    '',
  ])
})

test('names can neither become markup, nor formulas, nor lines', async () => {
  const names = [
    '=cmd|x.jpg',
    '+1.jpg',
    '-1.jpg',
    '@a.jpg',
    ' =b.jpg',
    '<script>alert(1)</script>.jpg',
    'a"b\n=c.jpg',
    'x\udce9.jpg',
  ]
  const { page, list } = await report(
    names.map(file => ({ file, folder: file, status: 'failed', problem: file })),
    { inputs: names, out: '"><b>', ignored: names, settings: { [names[5]]: names[5] } },
  )
  expect(page).not.toMatch(/<script|<b>/i)
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;.jpg')
  const rows = list.trimEnd().split('\r\n')
  expect(rows).toHaveLength(1 + names.length)
  for (const row of rows.slice(1)) expect(row).toMatch(/^"[^=+\-@ ]/)
  expect(rows.slice(1).map(row => /^"((?:[^"]|"")*)"/.exec(row)![1])).toEqual([
    "'=cmd|x.jpg",
    "'+1.jpg",
    "'-1.jpg",
    "'@a.jpg",
    "' =b.jpg",
    '<script>alert(1)</script>.jpg',
    'a""b\\x0a=c.jpg',
    'x\\xe9.jpg',
  ])
})

test('no formula starts within a name, whatever separates the cells of a spreadsheet', async () => {
  const names = [
    'a;=1+2.jpg',
    'a; @b.jpg',
    'a\t=b.jpg',
    'a";+1.jpg',
    "a|-1,-2';=3.jpg",
    'a-1=b.jpg',
    `${'; '.repeat(50_000)}.jpg`,
  ]
  const { list } = await report(names.map(file => ({ file, folder: '.', status: 'not processed' })))
  const files = list.split('\r\n').map(row => /^"((?:[^"]|"")*)"/.exec(row)?.[1])
  expect(files.slice(1, -1)).toEqual([
    "a;'=1+2.jpg",
    "a;' @b.jpg",
    'a\\x09=b.jpg',
    `a"";'+1.jpg`,
    "a|'-1,'-2';'=3.jpg",
    'a-1=b.jpg',
    names[6],
  ])
})

test('positions come from the EXIF data of the result, south and west are negative, unknown ones are absent', async () => {
  const photo = (gps?: Record<string, string>) => {
    const image = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    const exif = { IFD2: { DateTimeOriginal: '2024:05:31 12:00:00' }, ...(gps && { IFD3: gps }) }
    return image.withExif(exif).jpeg().toBuffer()
  }
  const south = { GPSLatitudeRef: 'S', GPSLatitude: '33/1 51/1 3550/100', GPSLongitudeRef: 'W', GPSLongitude: '70/1 40/1 0/1' }
  const cases: [Record<string, string> | undefined, object][] = [
    [south, { latitude: -33.8598611, longitude: -70.6666667, taken: '2024-05-31T12:00:00' }],
    [{ ...south, GPSLatitude: '0/0 0/0 0/0' }, { taken: '2024-05-31T12:00:00' }],
    [{ ...south, GPSLatitude: '91/1 0/1 0/1' }, { taken: '2024-05-31T12:00:00' }],
    [undefined, { taken: '2024-05-31T12:00:00' }],
  ]
  for (const [gps, expected] of cases) {
    await writeFile(at('p.jpg'), await photo(gps))
    expect(await positionOf(at('p.jpg'))).toEqual(expected)
  }
  await writeFile(at('p.jpg'), 'no image')
  expect(await positionOf(at('p.jpg'))).toEqual({})
  await writeFile(at('p.jpg'), await photo(south))
  const { list } = await report([{ file: 'p.jpg', folder: '.', status: 'anonymized', result: at('p.jpg') }])
  const [head, row] = list.split('\r\n').map(line => line.split(','))
  expect([row[head.indexOf('"latitude"')], row[head.indexOf('"longitude"')]]).toEqual(['-33.8598611', '-70.6666667'])
})

test.each([
  ['GIF', Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')],
  ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40"/></svg>')],
  ['WebP', Buffer.from('UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA=', 'base64')],
])('a %s in the place of a result is not decoded', async (_, file) => {
  await writeFile(at('planted.jpg'), file)
  const crop = cropOf({ class: 'face', score: 0.5, margin: 0, file: 'a.jpg', result: at('planted.jpg'), box: [0, 0, 1, 1] })
  expect(await crop).toBeUndefined()
})

test('a crop is cut from the result around the box, at the borders of the image as well', async () => {
  const result = at('crop.png')
  const black = await sharp({ create: { width: 40, height: 40, channels: 3, background: 'black' } })
    .png()
    .toBuffer()
  const white = sharp({ create: { width: 400, height: 200, channels: 3, background: 'white' } })
  await white
    .composite([{ input: black, left: 360, top: 0 }])
    .png()
    .toFile(result)
  const shown = { class: 'face', score: 0.5, margin: 0, file: 'original.png', result, box: [360, 0, 440, 40] } as const
  const crop = (await cropOf(shown))!
  expect(crop).toMatchObject({ left: 54.5, top: 0, width: 45.5, height: 45.5 })
  const { data, info } = await sharp(crop.jpeg).raw().toBuffer({ resolveWithObject: true })
  const pixel = (x: number, y: number) => data[3 * (Math.floor(y * info.height) * info.width + Math.floor(x * info.width))]
  expect(pixel(0.8, 0.2)).toBeLessThan(10)
  expect(pixel(0.2, 0.2)).toBeGreaterThan(245)
  expect(await cropOf({ ...shown, result: at('none.png') })).toBeUndefined()
})

test('results above the limit of 268 megapixels have crops and positions', async () => {
  const result = at('large.jpg')
  const pixel = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'white' } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
  await sharp(pixel)
    .resize(16_500, 16_500, { kernel: 'nearest' })
    .withExif({ IFD2: { DateTimeOriginal: '2024:05:31 12:00:00' } })
    .jpeg({ quality: 1 })
    .toFile(result)
  expect(await positionOf(result)).toEqual({ taken: '2024-05-31T12:00:00' })
  const crop = await cropOf({ class: 'face', score: 0.5, margin: 0, file: 'a.jpg', result, box: [10, 10, 50, 50] })
  expect(crop).toMatchObject({ left: 13.5, top: 13.5 })
})

test('ten thousand images with many doubtful detections leave a page of bounded size', async () => {
  const many: Found = { ...FOUND, doubtful: 20, mostDoubtful: Array.from({ length: 20 }, () => FOUND.mostDoubtful[0]) }
  const images = Array.from({ length: 10_000 }, (_, i): ReportedImage => {
    const file = `folder ${i % 2500}/${i}.jpg`
    if (i % 2 === 0) return { file, folder: path.dirname(file), status: 'failed', problem: 'IMAGE_DEFECT: damaged' }
    return { file, folder: path.dirname(file), status: 'anonymized', result: at('none.jpg'), found: many }
  })
  const { page, list } = await report(images)
  expect(page.match(/<figure>/g)).toHaveLength(200)
  expect(page).toContain('100000 doubtful, 200 shown: the most doubtful, at most 200')
  expect(page).toContain('Failed: 5000')
  expect(page).toContain('The first 1000; a CSV report lists all.')
  expect(page).toContain('<td>(other folders)</td>')
  expect(page.length).toBeLessThan(500_000)
  expect(list.match(/\r\n/g)).toHaveLength(10_001)
})

test('a file other than a report is only overwritten with --force, and nothing incomplete is left', async () => {
  await writeFile(at('mine.csv'), 'a,b\n1,2\n')
  await expect(openReports([at('other.csv'), at('mine.csv')], false)).rejects.toThrow(/mine\.csv exists and is not a report/)
  expect((await readdir(root)).filter(name => name.includes('.part') || name.startsWith('other'))).toEqual([])
  const reports = await openReports([at('mine.csv')], true)
  await reports.close()
  expect(await readFile(at('mine.csv'), 'utf8')).toBe('a,b\n1,2\n')
  await expect(openReports([path.join(at('mine.csv'), 'r.csv')], false)).rejects.toThrow(/Cannot write the report/)
})
