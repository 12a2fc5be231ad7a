export { freeDisk } from './disk.js'
export { createReserve, type Reserve, type ReserveOptions, ShortageError } from './reserve.js'
