/**
 * What became of the photos on a panorama, seen again from each photo: the labels and measures of
 * flat photos hold unchanged.
 */
import type { Detection, ObjectClass, Raster, Region } from '@obscura/engine'
import type { MaskNet } from '@obscura/engine/internals'
import { asSeenIn, detect, type Networks, rolled, segment } from '@obscura/engine/internals'
import { type Coverage, coverMask, noCoverage } from '../cover.js'
import { falseDetections, hasCompleteLabels, type Match, matchObjects } from '../match.js'
import type { Placed, PlaceName } from './places.js'

/** What one class did in one photo at one place. */
export interface Outcome {
  image: string
  place: PlaceName
  name: ObjectClass
  matches: Match[]
  /** Absent where false detections cannot be told. */
  wrong?: number
}

/** Detects in a panorama and matches what was placed in it. */
export async function measurePanorama(
  panorama: Raster,
  placed: readonly Placed[],
  classes: readonly ObjectClass[],
  tools: { networks: Networks; maskNet?: MaskNet; sphere: boolean },
): Promise<{ outcomes: Outcome[]; regions: Region[] }> {
  const detections = await detect(panorama, { classes, format: 'whole', sphere: tools.sphere, heads: true }, tools.networks)
  const regionsOf = (bbox: boolean) => segment(panorama, detections, { bbox, ignores: [], maskNet: tools.maskNet })
  const regions = { rectangles: await regionsOf(true), outlines: await regionsOf(false) }
  const outcomes = classes.flatMap(name => {
    const [rectangles, outlines] = [regions.rectangles, regions.outlines].map(all => covered(panorama, all, name))
    const ofClass = detections.filter(detection => detection.class === name)
    return placed.map((one): Outcome => {
      const { photo, place } = one
      const found = ofClass.flatMap(detection => inPhoto(detection, one) ?? [])
      const coverage = { rectangles: seenFrom(one, rectangles), outlines: seenFrom(one, outlines) }
      const matches = matchObjects(
        photo,
        name,
        found.map(({ box }) => box),
        coverage,
      )
      const wrong = hasCompleteLabels(photo, name) ? falseDetections(photo, name, found).length : undefined
      return { image: photo.image, place, name, matches, wrong }
    })
  })
  return { outcomes, regions: regions.outlines }
}

function covered(panorama: Raster, regions: readonly Region[], name: ObjectClass): Coverage {
  const coverage = noCoverage(panorama)
  for (const region of regions) if (region.class === name) coverMask(coverage, region.mask)
  return coverage
}

/** What is covered of a photo on the sphere, in px of the photo. */
function seenFrom({ photo, projection }: Placed, { width, data }: Coverage): Coverage {
  const coverage = noCoverage(photo)
  for (let v = 0; v < photo.height; v++) {
    for (let u = 0; u < photo.width; u++) {
      const [x, y] = projection.toImage(u + 0.5, v + 0.5)
      coverage.data[v * photo.width + u] = data[Math.floor(y) * width + Math.floor(x)]
    }
  }
  return coverage
}

/** A detection in px of a photo, if its middle lies there. */
function inPhoto({ box, seen, ...rest }: Detection, { photo, projection }: Placed): Detection | undefined {
  const place = seen ?? { projection: rolled(projection.panorama, 0), box }
  const [x1, y1, x2, y2] = place.box
  const middle = projection.toView(...place.projection.toImage((x1 + x2) / 2, (y1 + y2) / 2))
  const isInside = middle && middle[0] >= 0 && middle[1] >= 0 && middle[0] < photo.width && middle[1] < photo.height
  const shown = isInside && asSeenIn(projection, place)
  return shown ? { ...rest, box: shown } : undefined
}
