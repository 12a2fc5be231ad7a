// A fake engine child: answers after 150 ms with a copy of the image, or that it is broken; what it
// renders again are the IDs of the regions. The pool around it is real.
import { serveParent } from '@obscura/engine/channel'

serveParent(({ image, known }, respond) => {
  const regions = known?.regions
  const output = {
    image,
    format: 'png',
    width: 1,
    height: 1,
    detections: [],
    warnings: [],
    device: 'cpu',
    models: [],
    timings: { detect: 150 },
  }
  const ids = Buffer.from(JSON.stringify(regions?.map(({ id }) => id)) ?? '')
  const found = regions?.map(({ id, class: name, score, box }) => ({ id, class: name, score, box, anonymised: true }))
  const rendered = { ...output, image: ids, instanceMask: ids, detections: found }
  const broken = Buffer.from(image).includes('broken')
  const error = { code: 'IMAGE_DEFECT', message: 'It is broken.' }
  const detected = { ...output, regions: Buffer.from('[]') }
  setTimeout(() => respond(broken ? { error } : { output: regions ? rendered : detected }), 150)
})
