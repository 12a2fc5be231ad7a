/**
 * Every parameter that changes what an image looks like, on real photos: what is drawn where, and
 * that nothing else is.
 */
import path from 'node:path'
import {
  type Box,
  createEngine,
  DEFAULT_PARAMETERS,
  type Engine,
  type EngineParameters,
  type Method,
  type ObjectClass,
  type Output,
} from '@obscura/engine'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIXTURES } from './command.js'

const MODELS = path.join(import.meta.dirname, '../models')

interface DecodedImage {
  width: number
  height: number
  channels: number
  data: Buffer
}

interface Photo {
  /** PNG: what is not drawn on stays as it was. */
  file: Buffer
  pixels: DecodedImage
}

/** Two of each class at least: faces and persons in the one, plates and vehicles in the other. */
let group: Photo
let street: Photo
let engine: Engine

beforeAll(async () => {
  engine = createEngine({ modelsFolder: MODELS, children: 1, profile: 'fast' })
  group = await photo(sharp(path.join(FIXTURES, 'group-portrait.jpg')).resize(800))
  street = await photo(sharp(path.join(FIXTURES, 'street-taxis.jpg')).extract({ left: 380, top: 480, width: 700, height: 373 }))
})

afterAll(() => engine.close())

async function photo(image: Sharp): Promise<Photo> {
  const file = await image.png({ compressionLevel: 1 }).toBuffer()
  return { file, pixels: await decoded(file) }
}

async function decoded(file: Uint8Array): Promise<DecodedImage> {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, channels: info.channels, data }
}

async function anonymized({ file }: Photo, parameters: Partial<EngineParameters>): Promise<Output & { pixels: DecodedImage }> {
  const output = await engine.anonymize(file, { ...DEFAULT_PARAMETERS, compress_level: 1, ...parameters })
  return { ...output, pixels: await decoded(output.image!) }
}

type Place = (x: number, y: number) => boolean

/** How many of the pixels of a place satisfy something, 0..1. */
function share({ width, height }: DecodedImage, place: Place, satisfies: Place): number {
  let [all, satisfied] = [0, 0]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!place(x, y)) continue
      all++
      if (satisfies(x, y)) satisfied++
    }
  }
  return satisfied / all
}

const colour = ({ data, width, channels }: DecodedImage, x: number, y: number) =>
  data.subarray((y * width + x) * channels, (y * width + x) * channels + 3)
const changed =
  (before: DecodedImage, after: DecodedImage): Place =>
  (x, y) =>
    !colour(before, x, y).equals(colour(after, x, y))
const black =
  (image: DecodedImage): Place =>
  (x, y) =>
    colour(image, x, y).every(value => value === 0)
const white = async (mask: Uint8Array): Promise<Place> => {
  const { data, width, channels } = await decoded(mask)
  return (x, y) => data[(y * width + x) * channels] === 255
}
const inside =
  ([x1, y1, x2, y2]: Box): Place =>
  (x, y) =>
    x >= x1 && x < x2 && y >= y1 && y < y2
const insideAny =
  (boxes: readonly Box[]): Place =>
  (x, y) =>
    boxes.some(box => inside(box)(x, y))
const not =
  (place: Place): Place =>
  (x, y) =>
    !place(x, y)

/** A box of whole pixels enlarged by a factor around its middle. */
function scaled(box: Box, factor: number): Box {
  const [x1, y1, x2, y2] = [Math.floor(box[0]), Math.floor(box[1]), Math.ceil(box[2]), Math.ceil(box[3])]
  const [dx, dy] = [((factor - 1) * (x2 - x1)) / 2, ((factor - 1) * (y2 - y1)) / 2]
  return [Math.floor(x1 - dx), Math.floor(y1 - dy), Math.ceil(x2 + dx), Math.ceil(y2 + dy)]
}

/** Mean difference of neighbours along a row: how much detail there is. */
function detail(image: DecodedImage, [x1, y1, x2, y2]: Box): number {
  let sum = 0
  for (let y = y1; y < y2; y++) {
    for (let x = x1; x + 1 < x2; x++) {
      const [left, right] = [colour(image, x, y), colour(image, x + 1, y)]
      for (let c = 0; c < 3; c++) sum += Math.abs(left[c] - right[c])
    }
  }
  return sum / (3 * (y2 - y1) * (x2 - x1 - 1))
}

describe('the three methods for each class', () => {
  const cases = (['face', 'person', 'license_plate', 'vehicle'] as const).flatMap(name =>
    (['blur', 'pixelate', 'blacken'] as const).map((method): [ObjectClass, Method] => [name, method]),
  )

  test.each(cases)('%s, %s', async (name, anonymization_method) => {
    const { file, pixels: before } = name === 'face' || name === 'person' ? group : street
    const output = await anonymized(
      { file, pixels: before },
      { [name]: true, anonymization_method, binary_segmentation_mask: true },
    )
    expect(output.detections.length).toBeGreaterThanOrEqual(2)
    expect(output.detections.every(detection => detection.class === name && detection.anonymised)).toBe(true)
    const mask = await white(output.binaryMask!)
    if (anonymization_method === 'blacken') {
      expect(share(before, mask, black(output.pixels))).toBe(1)
    } else {
      // An even wall may keep a value by chance, a textured image keeps next to none.
      expect(share(before, mask, changed(before, output.pixels))).toBeGreaterThan(0.97)
    }
    const reach = name === 'face' || name === 'license_plate' ? 1.3 : 1
    const reached = insideAny(output.detections.map(({ box }) => scaled(box, reach)))
    expect(share(before, (x, y) => !reached(x, y) && !mask(x, y), changed(before, output.pixels))).toBe(0)
  })
})

test('a kernel size larger than the default leaves less detail; as a share of the box and in pixels it is the same', async () => {
  const sizes = [0.35, 1, 161]
  const outputs = await Promise.all(sizes.map(kernel_size_face => anonymized(group, { face: true, kernel_size_face })))
  // The mean of all faces: the noise of a single one can outweigh its few cells.
  const faces = outputs[0].detections.filter(({ score }) => score > 0.6).map(({ box }) => scaled(box, 0.7))
  const meanDetail = (image: DecodedImage) => faces.reduce((sum, face) => sum + detail(image, face), 0) / faces.length
  const details = outputs.map(({ pixels }) => meanDetail(pixels))
  expect(faces.length).toBeGreaterThanOrEqual(5)
  expect(meanDetail(group.pixels)).toBeGreaterThan(2 * details[0])
  expect(details[1]).toBeLessThan(details[0])
  expect(details[2]).toBeLessThan(details[1])
})

describe('gradient', () => {
  test.each([0, 0.3, 1])('start %d: nothing changes outside of the outer boxes, something near their edges does', async start => {
    const { pixels, detections } = await anonymized(group, { face: true, face_anonymization_gradient_start: start })
    const outer = insideAny(detections.map(({ box }) => scaled(box, 1 + start)))
    expect(share(pixels, not(outer), changed(group.pixels, pixels))).toBe(0)
    const rim = insideAny(detections.map(({ box }) => scaled(box, 1 + 0.8 * start)))
    const within = insideAny(detections.map(({ box }) => scaled(box, 1)))
    const ring = (x: number, y: number) => rim(x, y) && !within(x, y)
    if (start > 0) expect(share(pixels, ring, changed(group.pixels, pixels))).toBeGreaterThan(0.4)
  })

  test('stop: the edge of the region shows more of the original the larger it is', async () => {
    const stops = [0, 0.4, 0.8]
    const likeness = await Promise.all(
      stops.map(async face_anonymization_gradient_stop => {
        const parameters = { face: true, face_anonymization_gradient_start: 0, face_anonymization_gradient_stop }
        const { pixels, detections } = await anonymized(group, parameters)
        const [x1, , x2, y2] = detections[0].box.map(Math.round)
        const chin: Box = [Math.round(x1 + 0.4 * (x2 - x1)), y2 - 12, Math.round(x1 + 0.6 * (x2 - x1)), y2 - 2]
        return share(pixels, inside(chin), (x, y) => {
          const [a, b] = [colour(group.pixels, x, y), colour(pixels, x, y)]
          return a.every((value, c) => Math.abs(value - b[c]) <= 8)
        })
      }),
    )
    expect(likeness[1]).toBeGreaterThan(likeness[0])
    expect(likeness[2]).toBeGreaterThanOrEqual(likeness[1])
  })
})

test('faces are superellipses, plates rectangles, persons and vehicles outlines; with bbox all are rectangles', async () => {
  const parameters = { anonymization_method: 'blacken', face_threshold: 0.9, person_threshold: 0.7 } as const
  const filled = async (photo: Photo, name: ObjectClass, bbox: boolean) => {
    const { pixels, detections } = await anonymized(photo, { ...parameters, [name]: true, bbox })
    return share(pixels, insideAny(detections.map(({ box }) => scaled(box, 1))), black(pixels))
  }
  expect(await filled(group, 'face', false)).toBeGreaterThan(0.9)
  expect(await filled(group, 'face', false)).toBeLessThan(0.96)
  expect(await filled(street, 'license_plate', false)).toBe(1)
  expect(await filled(group, 'person', false)).toBeLessThan(0.95)
  expect(await filled(street, 'vehicle', false)).toBeLessThan(0.99)
  for (const name of ['face', 'person'] as const) expect(await filled(group, name, true)).toBe(1)
  expect(await filled(street, 'vehicle', true)).toBe(1)
})

test('ignores: exactly these pixels stay, where regions overlap too; what lies in them is listed and not anonymised', async () => {
  const area: Box = [0, 0, 300, group.pixels.height]
  const ignores = [{ topLeftX: 0, topLeftY: 0, width: 300, height: group.pixels.height }]
  const { pixels, detections, ...output } = await anonymized(group, {
    face: true,
    person: true,
    ignores,
    binary_segmentation_mask: true,
  })
  expect(share(pixels, inside(area), changed(group.pixels, pixels))).toBe(0)
  const mask = await white(output.binaryMask!)
  expect(share(pixels, mask, changed(group.pixels, pixels))).toBeGreaterThan(0.97)
  const ignored = detections.filter(({ box }) => box[2] <= 300)
  expect(ignored.length).toBeGreaterThanOrEqual(3)
  expect(detections.every(({ box, anonymised }) => anonymised === box[2] > 300)).toBe(true)
})

test('thresholds: only detections with at least that score', async () => {
  const scores = async (vehicle_threshold: number) =>
    (await anonymized(street, { vehicle: true, vehicle_threshold })).detections.map(({ score }) => score)
  const [all, sure] = [await scores(0.2), await scores(0.8)]
  expect(Math.min(...all)).toBeGreaterThanOrEqual(0.2)
  expect(Math.min(...sure)).toBeGreaterThanOrEqual(0.8)
  expect(all.length).toBeGreaterThan(sure.length)
  expect(sure).toEqual(all.filter(score => score >= 0.8))
})

test('quality and compress_level: size against fidelity, size against nothing', async () => {
  const jpeg = await sharp(group.file).jpeg({ quality: 95 }).toBuffer()
  const [rough, fine] = await Promise.all([10, 95].map(quality => anonymized({ ...group, file: jpeg }, { quality })))
  expect(rough.image!.length).toBeLessThan(fine.image!.length / 4)
  const distance = ({ pixels }: { pixels: DecodedImage }) =>
    pixels.data.reduce((sum, value, i) => sum + Math.abs(value - group.pixels.data[i]), 0)
  expect(distance(rough)).toBeGreaterThan(2 * distance(fine))
  const [quick, small] = await Promise.all([1, 9].map(compress_level => anonymized(group, { compress_level })))
  expect(small.image!.length).toBeLessThan(quick.image!.length)
  expect(small.pixels.data.equals(group.pixels.data)).toBe(true)
})

test('masks: the binary one marks what is black, the instance one class and instance; mask_scale reduces both', async () => {
  const masks = { binary_segmentation_mask: true, instance_segmentation_mask: true }
  const parameters = { face: true, person: true, anonymization_method: 'blacken', ...masks } as const
  const output = await anonymized(group, parameters)
  const mask = await white(output.binaryMask!)
  expect(share(output.pixels, mask, black(output.pixels))).toBe(1)
  expect(share(output.pixels, not(mask), changed(group.pixels, output.pixels))).toBe(0)
  const instances = await decoded(output.instanceMask!)
  expect(share(instances, mask, black(instances))).toBe(0)
  expect(share(instances, not(mask), black(instances))).toBe(1)
  // A face on its person: the bits of both classes.
  const face = output.detections.find(detection => detection.class === 'face' && detection.score > 0.9)!.box
  const [red, green, blue] = colour(instances, Math.round((face[0] + face[2]) / 2), Math.round((face[1] + face[3]) / 2))
  expect([red, blue]).toEqual([0, 128 | 32])
  expect(green).toBeGreaterThan(0)

  const reduced = await anonymized(group, { ...parameters, mask_scale: 25 })
  for (const file of [reduced.binaryMask!, reduced.instanceMask!])
    expect(await sharp(file).metadata()).toMatchObject({ width: 200, height: 133 })
})

test('debug and score are drawn on the anonymized image', async () => {
  const parameters = { face: true, anonymization_method: 'blacken', binary_segmentation_mask: true } as const
  const { pixels, detections, binaryMask } = await anonymized(group, { ...parameters, debug: true })
  const mask = await white(binaryMask!)
  // On black faces: the tint, and the frames where they meet the regions; nothing else, so nothing
  // of the original.
  const colours = new Set<string>()
  share(pixels, mask, (x, y) => Boolean(colours.add(colour(pixels, x, y).toString('hex'))))
  expect(colours.size).toBeLessThanOrEqual(4)
  const frame = (box: Box) => [Math.floor(box[0]), Math.round((box[1] + box[3]) / 2)] as const
  const sure = detections.filter(({ score }) => score > 0.9)
  for (const { box } of sure) expect([...colour(pixels, ...frame(box))]).toEqual([240, 228, 66])
  const scored = await anonymized(group, { ...parameters, debug: true, score: true })
  const above = insideAny(
    sure.map(({ box: [x1, y1] }): Box => [Math.floor(x1), Math.floor(y1) - 9, Math.floor(x1) + 20, Math.floor(y1)]),
  )
  expect(share(pixels, above, changed(pixels, scored.pixels))).toBeGreaterThan(0.5)
})
