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
    summary: 'what is found on labelled photos, and what is a false detection',
    load: () => import('./accuracy/photos.js'),
  },
  mosaic: {
    summary: 'builds large images of labelled photos, to measure the accuracy of tiles',
    load: () => import('./accuracy/mosaic.js'),
  },
  panorama: {
    summary: 'accuracy on panoramas, by latitude and across the seam',
    load: () => import('./accuracy/panorama.js'),
  },
  latency: { summary: 'seconds for one image at a time', load: () => import('./speed/latency.js') },
  size: { summary: 'cost of an image by its megapixels', load: () => import('./speed/size.js') },
  render: { summary: 'everything but inference against a bare decode and encode', load: () => import('./speed/render.js') },
  memory: { summary: 'peak memory of the engine for one image', load: () => import('./speed/memory.js') },
  deblur: {
    summary: 'attack: tries to restore what was blurred, pixelated or blackened',
    load: () => import('./privacy/deblur.js'),
  },
  identify: {
    summary: 'attack: tries to tell whose an anonymized face is, and to read plates',
    load: () => import('./privacy/identify.js'),
  },
  'deblur-figure': {
    summary: 'picture of faces, their blur, and what deconvolution restores',
    load: () => import('./privacy/deblur-figure.js'),
  },
  gallery: { summary: 'pictures of every method, class and parameter', load: () => import('./pictures/gallery.js') },
  'api-cost': { summary: 'CPU time and requests of a task beside the engine', load: () => import('./capacity/api-cost.js') },
  'status-load': {
    summary: 'creating tasks while 1,000 status requests a second arrive',
    load: () => import('./capacity/status-load.js'),
  },
  queue: {
    summary: 'the tasks table as a queue, with a million queued tasks on PostgreSQL',
    load: () => import('./capacity/queue.js'),
  },
  workers: { summary: 'throughput of two workers against one', load: () => import('./capacity/workers.js') },
  capacity: { summary: 'model of what a number of images a day needs', load: () => import('./capacity/model.js') },
}
