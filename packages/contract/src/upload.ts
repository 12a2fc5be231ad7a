/** What the declared type of an uploaded file says about it. */
export type UploadKind =
  /** Declared as JPEG or PNG: the decoder decides, what it cannot read is IMAGE_DEFECT. */
  | 'image'
  /** Nothing declared, or something that says nothing: without the magic bytes of JPEG or PNG it is CONTENT_TYPE_ERROR. */
  | 'unknown'
  /** Declared as something else: CONTENT_TYPE_ERROR at once, and the file is deleted. */
  | 'other'

const IMAGE = new Set(['image/jpeg', 'image/jpg', 'image/png'])
// What clients send without meaning it: curl --data-binary and axios with a buffer declare a form, S3 fills in binary/octet-stream.
const MEANINGLESS = new Set(['', 'application/octet-stream', 'binary/octet-stream', 'application/x-www-form-urlencoded'])

/** Judges an upload by its Content-Type header; parameters such as `; charset=` and letter case do not matter. */
export function uploadKind(contentType: string | undefined): UploadKind {
  const type = (contentType ?? '').split(';')[0].trim().toLowerCase()
  if (IMAGE.has(type)) return 'image'
  return MEANINGLESS.has(type) ? 'unknown' : 'other'
}
