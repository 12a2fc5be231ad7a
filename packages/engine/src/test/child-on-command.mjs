// An engine child that does what the image's bytes say, so that tests can watch the pool deal with it; at a real image it works.

const output = { format: 'jpeg', width: process.pid, height: 1, detections: [], timings: {} }

const commands = {
  work: () => process.send({ output }),
  slow: () => setTimeout(() => process.send({ output }), 150),
  fail: () => process.send({ error: { code: 'IMAGE_DEFECT', message: 'The image is not to my liking.' } }),
  crash: () => process.kill(process.pid, 'SIGSEGV'),
  leave: () => process.exit(3),
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
process.on('message', ({ image }) => (commands[Buffer.from(image).toString()] ?? commands.work)())
