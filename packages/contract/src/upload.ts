/** Classification of an upload by its declared type. */
export type UploadKind =
  /** Declared as JPEG or PNG: what the decoder cannot read is IMAGE_DEFECT. */
  | 'image'
  /**
   * No meaningful type declared: without the magic bytes of JPEG or PNG it is CONTENT_TYPE_ERROR.
   */
  | 'unknown'
  /** Declared as another type: CONTENT_TYPE_ERROR immediately, and the file is deleted. */
  | 'other'

const IMAGE = new Set(['image/jpeg', 'image/jpg', 'image/png'])
// Defaults of clients: curl --data-binary and axios with a buffer declare a form, S3 fills in
// binary/octet-stream.
const MEANINGLESS = new Set(['', 'application/octet-stream', 'binary/octet-stream', 'application/x-www-form-urlencoded'])

/**
 * Classifies an upload by its Content-Type header; parameters such as `; charset=` and letter case
 * are ignored.
 */
export function uploadKind(contentType: string | undefined): UploadKind {
  const type = (contentType ?? '').split(';')[0].trim().toLowerCase()
  if (IMAGE.has(type)) return 'image'
  return MEANINGLESS.has(type) ? 'unknown' : 'other'
}
