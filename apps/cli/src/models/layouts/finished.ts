/** Layouts of networks that give finished detections, or a fixed number of candidates. */
import type { Layout } from './layout.js'
import { type Signature, side, type TensorInfo } from './signature.js'

const find = ({ outputs }: Signature, ...names: string[]) => outputs.find(({ name }) => names.includes(name))
const isFree = ({ shape }: TensorInfo) => shape.some(length => typeof length !== 'number')

/** What the sizes of the image, as an input of their own, tell the network: boxes come in px. */
const SIZES = { type: 'int64', values: 'width, height' } as const

export const detrWithSizes: Layout = {
  title: 'D-FINE, DEIM, RT-DETR with the input orig_target_sizes',
  assumes: 'RGB 0..1, stretched',
  read(signature) {
    const further = signature.inputs.find(({ name, type }) => name === 'orig_target_sizes' && type === 'int64')
    const [labels, boxes, scores] = [find(signature, 'labels'), find(signature, 'boxes'), find(signature, 'scores')]
    if (!further || !labels || !boxes || !scores) return undefined
    const decoder = { type: 'detections', boxes: 'boxes', scores: 'scores', labels: 'labels' }
    return { fit: 'certain', parts: { preprocessing: 'unit', further: { orig_target_sizes: SIZES }, decoder, classes: 'coco80' } }
  },
}

export const detr: Layout = {
  title: 'D-FINE, RT-DETR and DEIM with logits and pred_boxes',
  assumes: 'RGB 0..1, stretched (RF-DETR wants the mean of ImageNet)',
  read(signature) {
    const [scores, boxes] = [find(signature, 'logits', 'pred_logits'), find(signature, 'pred_boxes')]
    if (!scores || !boxes) return undefined
    // RF-DETR numbers classes as COCO does: 91 with gaps.
    const isRf = side(scores, 1) === 91
    const decoder = { type: 'detr', scores: scores.name, boxes: boxes.name }
    return {
      fit: isFree(scores) ? 'likely' : 'certain',
      parts: { preprocessing: isRf ? 'imagenet' : 'unit', decoder, classes: isRf ? 'coco91' : 'coco80' },
    }
  },
}

export const rfdetr: Layout = {
  title: 'RF-DETR with dets and labels, and masks where it segments',
  assumes: 'RGB with the mean of ImageNet, stretched; COCO numbers of 91',
  read(signature) {
    const [boxes, scores, masks] = [find(signature, 'dets'), find(signature, 'labels'), find(signature, 'masks')]
    if (!boxes || !scores || side(boxes, 1) !== 4 || scores.shape.length !== 3) return undefined
    const outlines = masks && { masks: { output: masks.name, values: 'logits' } }
    const decoder = { type: 'detr', scores: scores.name, boxes: boxes.name, ...outlines }
    return { fit: 'certain', parts: { preprocessing: 'imagenet', decoder, classes: 'coco91' } }
  },
}

export const mmdeploy: Layout = {
  title: 'RTMDet and others as MMDeploy exports them, with masks where it segments',
  assumes: 'BGR with the mean of ImageNet, padded with 114',
  read(signature) {
    const [boxes, labels, masks] = [find(signature, 'dets'), find(signature, 'labels'), find(signature, 'masks')]
    if (!boxes || !labels || labels.shape.length !== 2 || boxes.shape.length !== 3) return undefined
    if (![5, undefined].includes(side(boxes, 1))) return undefined
    const outlines = masks && { masks: { output: masks.name, values: 'probabilities', frame: 'input' } }
    const decoder = { type: 'detections', boxes: boxes.name, labels: labels.name, ...outlines }
    return {
      fit: side(boxes, 1) === 5 ? 'certain' : 'likely',
      parts: { preprocessing: 'mmdetection', decoder, classes: 'coco80' },
    }
  },
}

export const paddle: Layout = {
  title: 'PaddleDetection with its postprocessing (PicoDet, PP-YOLOE)',
  assumes: 'RGB with the mean of ImageNet, stretched; rows of class, score, box',
  read({ inputs, outputs }) {
    const factor = inputs.find(({ name }) => name === 'scale_factor')
    const rows = outputs.find(output => output.shape.length === 2 && side(output, 1) === 6)
    if (!factor || !rows) return undefined
    const decoder = { type: 'rows', output: rows.name, columns: ['class', 'score', 'x1', 'y1', 'x2', 'y2'] }
    const further = { scale_factor: { type: 'float32', values: 'ones' } } as const
    return { fit: 'certain', parts: { preprocessing: 'imagenet', further, decoder, classes: 'coco80' } }
  },
}

const END_TO_END = ['batch', 'x1', 'y1', 'x2', 'y2', 'class', 'score']
const WITHOUT_BATCH = ['x1', 'y1', 'x2', 'y2', 'score', 'class']

export const endToEnd: Layout = {
  title: 'YOLOv7, v9, v10 and later with suppression in the graph',
  assumes: 'RGB 0..1, padded on both sides',
  read({ outputs }) {
    if (outputs.length !== 1) return undefined
    const [output] = outputs
    const columns = side(output, 1)
    const flat = output.shape.length === 2
    const names = columns === 7 && flat ? END_TO_END : columns === 6 && !flat ? WITHOUT_BATCH : undefined
    if (!names) return undefined
    const decoder = { type: 'rows', output: output.name, columns: names }
    return { fit: flat ? 'likely' : 'possible', parts: { preprocessing: 'yolov8', decoder, classes: 'coco80' } }
  },
}

export const maskrcnn: Layout = {
  title: 'Mask R-CNN (onnx/models)',
  assumes: 'BGR minus the mean of Detectron, masks of 28 x 28 a box',
  read({ inputs, outputs }) {
    const masks = outputs.find(({ shape }) => shape.length === 4)
    const boxes = outputs.find(output => output.shape.length === 2 && side(output, 1) === 4)
    const scores = outputs.find(({ type, shape }) => type === 'float32' && shape.length === 1)
    const labels = outputs.find(({ type, shape }) => type === 'int64' && shape.length === 1)
    if (inputs.length !== 1 || outputs.length !== 4 || !masks || !boxes || !scores || !labels) return undefined
    const decoder = {
      ...{ type: 'detections', boxes: boxes.name, scores: scores.name, labels: labels.name },
      masks: { output: masks.name, values: 'probabilities', frame: 'box' },
    }
    return { fit: 'likely', parts: { preprocessing: 'detectron', decoder, classes: 'coco80' } }
  },
}
