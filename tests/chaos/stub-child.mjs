// A fake engine child: answers after 150 ms with a copy of the image, or that it is broken. The
// pool around it is real.
import { serveParent } from '@obscura/engine/channel'

serveParent(({ image }, answer) => {
  const output = {
    image,
    format: 'png',
    width: 1,
    height: 1,
    detections: [],
    warnings: [],
    device: 'cpu',
    timings: { detect: 150 },
  }
  const broken = Buffer.from(image).includes('broken')
  const error = { code: 'IMAGE_DEFECT', message: 'It is broken.' }
  setTimeout(() => answer(broken ? { error } : { output }), 150)
})
