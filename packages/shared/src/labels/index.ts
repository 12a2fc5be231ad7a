export * from './checked.js'
export * from './formats.js'
