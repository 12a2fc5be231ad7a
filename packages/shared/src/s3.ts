/** Separate entry point for S3: loading the SDK takes longer than the rest of this package. */
export { openS3Store, type S3Encryption, type S3Options } from './store/s3.js'
export { S3Error } from './store/s3-errors.js'
export { type BucketSettings, prepareBucket } from './store/s3-setup.js'
