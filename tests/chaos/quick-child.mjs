// Stands in for the engine's child: answers after 20 ms with a copy of the image. The pool around it is the real one.
process.on('disconnect', () => process.exit())
process.on('message', ({ image }) => {
  const output = { image, format: 'png', width: 1, height: 1, detections: [], timings: { detect: 20 } }
  setTimeout(() => process.send({ output }), 20)
})
