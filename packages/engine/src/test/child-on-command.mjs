// An engine child that obeys commands in the bytes of the image, to test the pool; any other bytes
// are processed normally.
import { writeSync } from 'node:fs'
import { serveParent } from '../../dist/channel.js'

const output = { format: 'jpeg', width: process.pid, height: 1, detections: [], warnings: [], models: [], timings: {} }
let done = 0

/** Of a message: see channel.ts. */
function head(...lengths) {
  const bytes = Buffer.alloc(54)
  for (const [i, length] of lengths.entries()) bytes.writeUIntBE(length, 6 * i, 6)
  return bytes
}

const commands = {
  work: respond => respond({ output }),
  slow: respond => setTimeout(() => respond({ output }), 150),
  fail: respond => respond({ error: { code: 'IMAGE_DEFECT', message: 'The image is not to my liking.' } }),
  crash: () => process.kill(process.pid, 'SIGSEGV'),
  leave: () => process.exit(3),
  lie: respond => respond({ output: { ...output, format: '../../escape' } }),
  decline: respond => respond('spent'),
  'decline once': respond => respond(done > 0 ? 'spent' : { output }),
  'alone?': (respond, { isOnlyJob }) => respond({ output: { ...output, width: isOnlyJob ? 1 : 2 } }),
  hang: () => {
    for (;;);
  },
  eat: () => {
    const eaten = []
    setInterval(() => eaten.push(Buffer.alloc(32 * 1024 ** 2, eaten.length + 1)), 10)
  },
  stay: () => {},
  'talk nonsense': () => writeSync(1, Buffer.concat([head(4), Buffer.from([1, 2, 3])])),
  'announce terabytes': () => writeSync(1, head(4, 2 ** 46)),
  'say too much': () => writeSync(1, head(2 ** 24)),
  'reply twice': respond => {
    respond({ output })
    setTimeout(() => respond({ output }), 50)
  },
}

serveParent((request, respond) => {
  const command = commands[Buffer.from(request.image).toString()] ?? commands.work
  command(respond, request)
  done++
})
