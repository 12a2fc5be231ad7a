// An engine child that obeys commands in the bytes of the image, to test the pool; any other bytes
// are processed normally.

const output = { format: 'jpeg', width: process.pid, height: 1, detections: [], warnings: [], timings: {} }
let done = 0

const commands = {
  work: () => process.send({ output }),
  slow: () => setTimeout(() => process.send({ output }), 150),
  fail: () => process.send({ error: { code: 'IMAGE_DEFECT', message: 'The image is not to my liking.' } }),
  crash: () => process.kill(process.pid, 'SIGSEGV'),
  leave: () => process.exit(3),
  lie: () => process.send({ output: { ...output, format: '../../escape' } }),
  decline: () => process.send('spent'),
  'decline once': () => process.send(done > 0 ? 'spent' : { output }),
  'alone?': ({ isLone }) => process.send({ output: { ...output, width: isLone ? 1 : 2 } }),
  hang: () => {
    for (;;);
  },
  eat: () => {
    const eaten = []
    setInterval(() => eaten.push(Buffer.alloc(32 * 1024 ** 2, eaten.length + 1)), 10)
  },
  stay: () => {},
}

process.on('disconnect', () => process.exit())
process.on('message', request => {
  const command = commands[Buffer.from(request.image).toString()] ?? commands.work
  command(request)
  done++
})
