/** A process that runs the attack of its argument until it is killed. */
import { setPriority } from 'node:os'
import { ATTACKS } from './attacks.js'
import type { Target } from './flood.js'

// An attacker has a machine of its own: on this one it takes only the time that is left.
setPriority(19)
const [name, target] = process.argv.slice(2)
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
await ATTACKS[name](JSON.parse(target) as Target)
