import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Files of an unknown authority, and of a server's certificate that it signed; all in PEM form. */
export interface Certificates {
  caFile: string
  certificateFile: string
  keyFile: string
}

/**
 * Makes an authority of our own in `folder`, and a certificate of it for localhost and 127.0.0.1;
 * valid for a day.
 */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const at = (name: string) => join(folder, name)
  const [caFile, certificateFile, keyFile] = [at('ca.pem'), at('certificate.pem'), at('key.pem')]
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await run('openssl', [
    'req',
    '-x509',
    '-days',
    '1',
    ...newKey,
    '-keyout',
    at('ca-key.pem'),
    '-out',
    caFile,
    '-subj',
    '/CN=Test authority',
  ])
  await run('openssl', ['req', ...newKey, '-keyout', keyFile, '-out', at('request.pem'), '-subj', '/CN=localhost'])
  await writeFile(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1')
  const signing = ['-CA', caFile, '-CAkey', at('ca-key.pem'), '-CAcreateserial', '-extfile', at('names'), '-days', '1']
  await run('openssl', ['x509', '-req', '-in', at('request.pem'), '-out', certificateFile, ...signing])
  return { caFile, certificateFile, keyFile }
}
