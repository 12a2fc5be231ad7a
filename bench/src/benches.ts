import type { Bench } from './bench.js'

interface Entry {
  /** One line of the list. */
  summary: string
  /** Only the benchmark that is run is loaded. */
  load(): Promise<Bench>
}

/** Every benchmark by its name on the command line. */
export const BENCHES: Record<string, Entry> = {
  accuracy: {
    summary: 'recall and false detections on labelled photos',
    load: () => import('./accuracy/photos.js'),
  },
  curves: {
    summary: 'recall against false detections by threshold: a figure and tables for each class',
    load: () => import('./accuracy/curves.js'),
  },
  curve: {
    summary: 'average precision, and recall at fixed rates of false detections',
    load: () => import('./accuracy/curve.js'),
  },
  mosaic: {
    summary: 'builds large images from labelled photos, to measure the accuracy of tiles',
    load: () => import('./accuracy/mosaic.js'),
  },
  panorama: {
    summary: 'recall on panoramas, by latitude and across the seam',
    load: () => import('./accuracy/panorama.js'),
  },
  speed: {
    summary: 'CPU seconds of an image by stage and network, against the floors of codecs and inference',
    load: () => import('./speed/speed.js'),
  },
  latency: { summary: 'seconds per image, one image at a time', load: () => import('./speed/latency.js') },
  size: { summary: 'cost of an image by megapixels', load: () => import('./speed/size.js') },
  render: {
    summary: 'everything except inference, compared with a bare decode and encode',
    load: () => import('./speed/render.js'),
  },
  memory: { summary: 'peak memory of the engine for one image', load: () => import('./speed/memory.js') },
  deblur: {
    summary: 'attack: tries to restore blurred, pixelated or blackened regions',
    load: () => import('./privacy/deblur.js'),
  },
  identify: {
    summary: 'attack: tries to identify anonymized faces and to read plates',
    load: () => import('./privacy/identify.js'),
  },
  'deblur-figure': {
    summary: 'figure of faces, their blur, and what deconvolution restores',
    load: () => import('./privacy/deblur-figure.js'),
  },
  gallery: { summary: 'figures of every method, class and parameter', load: () => import('./gallery/gallery.js') },
  'api-cost': { summary: 'CPU time and requests per task outside the engine', load: () => import('./capacity/api-cost.js') },
  'status-load': {
    summary: 'latency of task creation under 1,000 status requests per second',
    load: () => import('./capacity/status-load.js'),
  },
  correction: {
    summary: 'seconds from a correction to its rendered revision, beside a full queue',
    load: () => import('./capacity/correction.js'),
  },
  queue: {
    summary: 'latency of the queue with a million queued tasks in PostgreSQL',
    load: () => import('./capacity/queue.js'),
  },
  workers: { summary: 'throughput of two workers compared with one', load: () => import('./capacity/workers.js') },
  attack: {
    summary: 'how long /health takes while the service is attacked',
    load: () => import('./capacity/attack.js'),
  },
  capacity: {
    summary: 'model of the resources needed for a number of images per day',
    load: () => import('./capacity/model.js'),
  },
}
