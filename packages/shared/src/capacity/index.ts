export { freeDisk } from './disk.js'
export { freeMemory } from './memory.js'
export { createReserve, type Reserve, type ReserveOptions, ShortageError } from './reserve.js'
