/** Corrected regions as labels: for the benchmarks (bench/README.md), or as COCO JSON. */
import { CLASSES, type ExportFormat, type ObjectClass, type StoredRegion } from '@obscura/contract'

/** What is exported of a region. */
export type Label = Pick<StoredRegion, 'class' | 'box' | 'polygon'>

/** A checked image with the regions of its newest revision. Plain data: it survives JSON. */
export interface Labelled {
  taskId: number
  /** The name under which the image is expected beside its labels. */
  fileName: string
  /** Of the upright image in pixels. */
  width: number
  height: number
  /** The classes that the task asked for. */
  searched: readonly ObjectClass[]
  regions: readonly Label[]
}

function objectsOf({ searched, regions }: Labelled) {
  const names = new Set<string>(searched)
  return regions.filter((region): region is Label & { class: ObjectClass } => names.has(region.class))
}

/** The `annotations.json` of a data folder of the benchmarks. */
function benchLabels(images: readonly Labelled[]): object[] {
  return images.map(labelled => ({
    image: labelled.fileName,
    width: labelled.width,
    height: labelled.height,
    source: 'export',
    labelled: labelled.searched,
    complete: true,
    objects: objectsOf(labelled).map(({ class: type, box, polygon }) => ({ type, bbox: box, ...(polygon && { polygon }) })),
  }))
}

/** COCO JSON; boxes are [left, top, width, height]. https://cocodataset.org/#format-data */
function cocoLabels(images: readonly Labelled[]): object {
  const annotations = images.flatMap(labelled =>
    objectsOf(labelled).map(({ class: name, box: [left, top, right, bottom], polygon }) => ({
      image_id: labelled.taskId,
      category_id: CLASSES.indexOf(name) + 1,
      bbox: [left, top, right - left, bottom - top],
      area: (right - left) * (bottom - top),
      segmentation: polygon ? [polygon.flat()] : [],
      iscrowd: 0,
    })),
  )
  return {
    info: { description: 'Regions of images that persons have checked' },
    images: images.map(({ taskId, fileName, width, height }) => ({ id: taskId, file_name: fileName, width, height })),
    categories: CLASSES.map((name, index) => ({ id: index + 1, name })),
    annotations: annotations.map((annotation, index) => ({ id: index + 1, ...annotation })),
  }
}

/** Makes the labels of images in a format. */
export const LABELS: Record<ExportFormat, (images: readonly Labelled[]) => object> = { bench: benchLabels, coco: cocoLabels }
