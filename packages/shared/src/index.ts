export * from './contract/index.js'
export type * from './db/db.js'
export type * from './dispatch/dispatcher.js'
export * from './store/store.js'
