import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ManifestError, parseManifest } from './manifest.js'

const text = (name: string) => readFileSync(new URL(`../../../../models/manifests/${name}.json`, import.meta.url), 'utf8')

/** Sets a field, given by its path, in a manifest that is right otherwise, and reads it. */
function parseWith(name: string, path: string, value: unknown) {
  const manifest = JSON.parse(text(name))
  const steps = path.split('.')
  const parent = steps.slice(0, -1).reduce((inner, step) => inner[step], manifest)
  parent[steps.at(-1)!] = value
  return parseManifest(JSON.stringify(manifest), `models/manifests/${name}.json`)
}

describe('parseManifest', () => {
  it.each(['blazeface', 'mask', 'nanodet', 'plate', 'ssd-face', 'ssdlite', 'ultraface'])('reads %s as it is', name => {
    expect(parseManifest(text(name), `${name}.json`)).toEqual(JSON.parse(text(name)))
  })

  it.each([
    ['title', '', 'title: expected the published name; found ""'],
    ['name', 'other', 'name: expected "ssd-face", the name of the file; found "other"'],
    ['task', 'segment', 'task: expected "detect"; found "segment"'],
    [
      'decoder',
      undefined,
      'decoder.type: expected one of nanodet, nanodet-plus, ssd, blazeface, plate, yolox, yolov8, detr, detections, rows, yunet, scrfd, centerface, mask; found nothing',
    ],
    [
      'decoder.type',
      'constructor',
      'decoder.type: expected one of nanodet, nanodet-plus, ssd, blazeface, plate, yolox, yolov8, detr, detections, rows, yunet, scrfd, centerface, mask; found "constructor"',
    ],
    ['decoder.order', 'xyxy', 'decoder.order: expected one of xywh, yxhw; found "xyxy"'],
    ['decoder.levels', [], 'decoder.levels: expected a list of {stride, anchors} or {cells, anchors}; found []'],
    [
      'decoder.levels.0.stride',
      1.5,
      'decoder.levels.0: expected either {stride, anchors}, for ceil(side / stride) cells, or {cells,',
    ],
    ['input.mean', [1, 2], 'input.mean: expected three numbers, one per channel, in the order of input.channels; found [1,2]'],
    ['input.mean.1', '1', 'input.mean.1: expected a number; found "1"'],
    [
      'input.size',
      { multiple: 0 },
      'input.size: expected either {"multiple": px} for a network that takes any size, or {"width": px, "height": px}',
    ],
    ['input.padding.value', 300, 'input.padding.value: expected a gray value 0..255; found 300'],
    [
      'input.colour',
      'rgb',
      'input.colour: expected only the fields tensor, batch, size, resize, padding, channels, mean, std, further; found "rgb"',
    ],
    ['classes.1', 'car', 'classes.1: expected one of face, person, license_plate, vehicle; found "car"'],
    [
      'classes.x',
      'face',
      "classes.x: expected an index of the network's classes with one of face, person, license_plate, vehicle",
    ],
    ['nms', 1, 'nms: expected an object with iou, inside; found 1'],
    ['file', '../own.onnx', 'file: expected the path of the ONNX file inside the models folder, with / and without ..; found'],
    ['file', '/own.onnx', 'file: expected the path of the ONNX file inside'],
    ['file', 'a/../../own.onnx', 'file: expected the path of the ONNX file inside'],
    ['file', 'C:\\own.onnx', 'file: expected the path of the ONNX file inside'],
    ['classes', 'coco', 'classes: expected one of coco80, coco91; found "coco"'],
    ['nms.iou', 2, 'nms.iou: expected a number 0..1: intersection over union; found 2'],
    [
      'profiles.fast.calibration.face',
      [1],
      'profiles.fast.calibration.face: expected two numbers a, b: score = sigmoid(a * logit(raw) + b); found [1]',
    ],
    ['sha256', 'ab', 'sha256: expected a SHA-256 as 64 lower-case hex digits; found "ab"'],
    ['build.sources.1.path', null, 'build.sources.1.path: expected a path inside the package; found null'],
  ])('%s = %j: names file, field and what is expected', (path, value, message) => {
    expect(() => parseWith('ssd-face', path, value)).toThrow(ManifestError)
    expect(() => parseWith('ssd-face', path, value)).toThrow(`models/manifests/ssd-face.json: ${message}`)
  })

  it.each(['', '{', '[', 'null', '[]', '"x"', '1'])('refuses the file %j', file => {
    expect(() => parseManifest(file, 'own.json')).toThrow(ManifestError)
    expect(() => parseManifest(file, 'own.json')).toThrow(/^own\.json: /)
  })
})
