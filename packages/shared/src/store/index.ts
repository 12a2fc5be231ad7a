export { type FileStore, openFileStore } from './file-store.js'
export { ObjectTooLargeError } from './object-file.js'
export { FILES_PATH, SignatureError, type SignedRequest } from './signed-urls.js'
export * from './store.js'
