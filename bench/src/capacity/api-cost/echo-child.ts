/** A fake engine child: answers immediately, with the unchanged image and two small masks. */
import { serveParent } from '@obscura/engine/channel'

serveParent(({ image }: { image: Uint8Array }, respond) => {
  const mask = Buffer.alloc(20_000)
  const timings = { decode: 40, detect: 2400, segment: 100, render: 150, encode: 30 }
  const box = [10, 20, 110, 220]
  const detections = Array.from({ length: 10 }, () => ({ class: 'face', score: 0.9, box, anonymised: true }))
  const output = { image, format: 'jpeg', width: 4000, height: 3000, detections, binaryMask: mask, instanceMask: mask }
  respond({ output: { ...output, warnings: [], device: 'cpu', models: [], timings } })
})
