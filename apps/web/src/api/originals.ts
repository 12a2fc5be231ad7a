import { call, fetchFile } from './session.js'

/**
 * Reads the original of a task; the service records it in the audit log.
 * @throws ApiError, for example when it is no longer kept
 */
export async function lookAtOriginal(id: number | string, signal: AbortSignal): Promise<Blob> {
  const { original_url } = await call<{ original_url: string }>('POST', `v2/task/${id}/original`)
  return fetchFile(original_url, { signal, cache: 'no-store' })
}
