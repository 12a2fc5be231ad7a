/** Layouts of networks that give a box for every cell of a grid. */
import type { Layout, Parts } from './layout.js'
import { cellsOf, fixedSize, imageInput, type Signature, side, type TensorInfo } from './signature.js'

const STRIDES = [8, 16, 32]
const COCO_CLASSES = 80

const only = ({ outputs }: Signature) => (outputs.length === 1 ? outputs[0] : undefined)

/** Whether a tensor has as many rows as the grid has cells; undefined where its size is free. */
function fits(signature: Signature, rows: number | undefined, strides: readonly number[]): boolean | undefined {
  const cells = cellsOf(signature, strides)
  return cells === undefined || rows === undefined ? undefined : cells === rows
}

export const yolox: Layout = {
  title: 'YOLOX',
  assumes: 'BGR 0..255, as exported since 0.1.1 (older exports want RGB with the mean of ImageNet)',
  read(signature) {
    const output = only(signature)
    const columns = output?.shape.length === 3 ? side(output, 1) : undefined
    if (!output || columns === undefined || columns < 6) return undefined
    const fit = fits(signature, side(output, 2), STRIDES)
    // A network of free size with this many columns has COCO's classes and an objectness.
    if (fit === false || (fit === undefined && columns !== COCO_CLASSES + 5)) return undefined
    const maps = signature.maps?.length === STRIDES.length ? signature.maps : undefined
    const decoder = maps
      ? { type: 'yolox', levels: STRIDES.map((stride, i) => ({ stride, output: maps[i] })) }
      : { type: 'yolox', output: output.name, strides: STRIDES }
    const parts: Parts = { preprocessing: 'yolox', decoder, cut: maps, classes: 'coco80', nms: { iou: 0.6 } }
    return { fit: fit ? 'certain' : 'likely', parts }
  },
}

export const yolov8: Layout = {
  title: 'YOLOv8, YOLO11 and relatives, detecting or segmenting',
  assumes: 'RGB 0..1, padded on both sides',
  read(signature) {
    const { outputs } = signature
    const output = outputs.find(({ shape }) => shape.length === 3)
    const prototypes = outputs.find(({ shape }) => shape.length === 4)
    if (!output || outputs.length !== (prototypes ? 2 : 1)) return undefined
    const [rows, cells] = [side(output, 2), side(output, 1)]
    if (rows === undefined || rows < 5) return undefined
    const fit = fits(signature, cells, STRIDES)
    if (fit === false || (fit === undefined && cells !== undefined)) return undefined
    const decoder = { type: 'yolov8', output: output.name, ...(prototypes && { prototypes: prototypes.name }) }
    return {
      fit: fit ? 'certain' : 'possible',
      parts: { preprocessing: 'yolov8', decoder, classes: 'coco80', nms: { iou: 0.6 } },
    }
  },
}

export const nanodet: Layout = {
  title: 'NanoDet (m, g, t)',
  assumes: 'BGR with the mean of ImageNet, scores 0..1 before distances',
  read(signature) {
    const { outputs } = signature
    if (outputs.length !== 2 * STRIDES.length || !fixedSize(signature)) return undefined
    const levels = STRIDES.map(stride => {
      const [scores, distances] = outputs.filter(output => side(output, 2) === cellsOf(signature, [stride]))
      return { stride, scores: scores?.name, distances: distances?.name, columns: distances && side(distances, 1) }
    })
    const [columns, ...others] = levels.map(level => level.columns)
    if (!columns || columns % 4 > 0 || others.some(other => other !== columns)) return undefined
    const decoder = { type: 'nanodet', bins: columns / 4, levels: levels.map(({ columns: _, ...level }) => level) }
    return { fit: 'certain', parts: { preprocessing: 'mmdetection', decoder, classes: 'coco80', nms: { iou: 0.6 } } }
  },
}

const NANODET_PLUS_STRIDES = [8, 16, 32, 64]
const NANODET_PLUS_BINS = 8

export const nanodetPlus: Layout = {
  title: 'NanoDet-Plus',
  assumes: 'BGR with the mean of ImageNet, 8 bins a side',
  read(signature) {
    const output = only(signature)
    const columns = output?.shape.length === 3 ? side(output, 1) : undefined
    if (!output || columns === undefined || columns <= 4 * NANODET_PLUS_BINS) return undefined
    if (!fits(signature, side(output, 2), NANODET_PLUS_STRIDES)) return undefined
    const decoder = { type: 'nanodet-plus', output: output.name, bins: NANODET_PLUS_BINS, strides: NANODET_PLUS_STRIDES }
    return { fit: 'certain', parts: { preprocessing: 'mmdetection', decoder, classes: 'coco80', nms: { iou: 0.6 } } }
  },
}

export const yunet: Layout = {
  title: 'YuNet',
  assumes: 'BGR 0..255',
  read({ outputs }) {
    const named = (kind: string, stride: number) => outputs.find(({ name }) => name === `${kind}_${stride}`)?.name
    const levels = STRIDES.map(stride => ({
      stride,
      scores: named('cls', stride),
      objectness: named('obj', stride),
      boxes: named('bbox', stride),
    }))
    if (!levels.every(({ scores, objectness, boxes }) => scores && objectness && boxes)) return undefined
    const decoder = { type: 'yunet', levels }
    return { fit: 'certain', parts: { preprocessing: 'plain', decoder, classes: 'face', nms: { iou: 0.4 } } }
  },
}

export const scrfd: Layout = {
  title: 'SCRFD',
  assumes: 'RGB, (x - 127.5) / 128, two boxes a cell, scores 0..1',
  read(signature) {
    const { outputs } = signature
    if (outputs.length !== 6 && outputs.length !== 9) return undefined
    const of = (columns: number) => outputs.filter(output => side(output, 1) === columns)
    const [scores, distances] = [of(1), of(4)]
    if (scores.length !== 3 || distances.length !== 3) return undefined
    const rows = (output: TensorInfo) => side(output, 2)
    const anchorsPerCell = 2
    const isFit = STRIDES.every((stride, i) => {
      const cells = cellsOf(signature, [stride])
      return cells === undefined || (rows(scores[i]) === cells * anchorsPerCell && rows(distances[i]) === cells * anchorsPerCell)
    })
    if (!isFit) return undefined
    const levels = STRIDES.map((stride, i) => ({
      stride,
      anchorsPerCell,
      scores: scores[i].name,
      distances: distances[i].name,
    }))
    const fit = cellsOf(signature, STRIDES) === undefined ? 'likely' : 'certain'
    return { fit, parts: { preprocessing: 'scrfd', decoder: { type: 'scrfd', levels }, classes: 'face', nms: { iou: 0.4 } } }
  },
}

/** Sides of the square priors of a cell, by stride. */
const PRIORS: readonly (readonly [stride: number, sides: readonly number[]])[] = [
  [8, [16, 32]],
  [16, [64, 128]],
  [32, [256, 512]],
]

export const retinaface: Layout = {
  title: 'RetinaFace (PyTorch)',
  assumes: 'BGR minus 104, 117, 123; priors of 16 to 512 px',
  read({ outputs }) {
    const of = (columns: number) => outputs.find(output => output.shape.length === 3 && side(output, 1) === columns)
    const [boxes, scores, marks] = [of(4), of(2), of(10)]
    if (outputs.length !== 3 || !boxes || !scores || !marks) return undefined
    const levels = PRIORS.map(([stride, sides]) => ({ stride, anchors: sides.map(length => [length, length]) }))
    const decoder = {
      ...{ type: 'ssd', scores: scores.name, boxes: boxes.name, activation: 'none' },
      ...{ order: 'xywh', variance: [0.1, 0.2], levels },
    }
    return { fit: 'likely', parts: { preprocessing: 'retinaface', decoder, classes: 'face', nms: { iou: 0.4 } } }
  },
}

export const centerface: Layout = {
  title: 'CenterFace',
  assumes: 'RGB 0..255, outputs in the order heat, scale, offset, landmarks',
  read(signature) {
    const { outputs } = signature
    if (outputs.length !== 4 || !imageInput(signature)) return undefined
    const [heat, scale, offset, marks] = outputs
    const channels = [heat, scale, offset, marks].map(output => (output.shape.length === 4 ? side(output, 3) : undefined))
    if (channels.join() !== '1,2,2,10') return undefined
    const decoder = { type: 'centerface', stride: 4, heat: heat.name, scale: scale.name, offset: offset.name }
    return { fit: 'likely', parts: { preprocessing: 'plainRgb', decoder, classes: 'face', nms: { iou: 0.3 } } }
  },
}
