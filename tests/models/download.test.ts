/** `obscura models add` from a real HTTPS server. */
import { readdirSync } from 'node:fs'
import { makeCertificates } from '@obscura/test-servers/certificates'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cut, file, type Origin, startOrigin, startProxy, type Tunnel } from '../../apps/cli/src/models/test/origin.js'
import { obscura } from '../command.js'
import { type ModelsFolder, makeModelsFolder, NET, SHA256, writeProfile } from './models-folder.js'
import { VEHICLE } from './tiny-net.js'

let made: ModelsFolder
let origin: Origin
let proxy: Tunnel
const at = (...names: string[]) => made.at(...names)
const models = (...args: string[]) => made.models(...args)

beforeAll(async () => {
  made = await makeModelsFolder()
  const certificates = await makeCertificates(made.folder)
  made.env.NODE_EXTRA_CA_CERTS = certificates.caFile
  origin = await startOrigin(certificates, { '/tiny.onnx': cut(NET, 20_000), '/other.onnx': file(Buffer.from('another file')) })
  proxy = await startProxy()
})
afterAll(async () => {
  await Promise.all([origin.close(), proxy.close()])
  await made.remove()
})

describe('a model from an address', () => {
  test('is downloaded through the proxy, over a connection that is cut, and used', async () => {
    const settings = { ...made.env, HTTPS_PROXY: proxy.url }
    const added = await obscura(['models', 'add', `${origin.url}/tiny.onnx`, '--sha256', SHA256], {
      cwd: made.folder,
      env: settings,
    })
    expect(added.stderr).toContain('Downloading tiny.onnx')
    expect(added.stdout).toContain('It looks like YOLOX (certain)')
    expect(added).toMatchObject({ code: 0 })
    expect(proxy.tunnels.length).toBeGreaterThan(1)
    expect(origin.asked.some(({ range }) => range === 'bytes=20000-')).toBe(true)
    expect(readdirSync(at('own', 'files'))).toEqual(['tiny.onnx'])
  })

  test('takes part in detection, and is shown with where it is from', async () => {
    await writeProfile(at('own', 'profiles'))
    const { stdout } = await made.run('detect', 'gray.jpg', '--vehicle', '--profile', 'cars', '--jobs', '1')
    const { detections } = JSON.parse(stdout)
    expect(detections).toHaveLength(1)
    expect(detections[0].type_label).toBe('vehicle')
    expect(detections[0].bbox.map(Math.round)).toEqual(VEHICLE.map(fraction => fraction * 128))
    expect(detections[0].score).toBeCloseTo(0.81, 2)
    expect((await models('list')).stdout).toMatch(/^tiny +person, vehicle +standard, thorough, cars +not stated +your own$/m)
  })

  test('with another content is refused, and nothing of it is kept', async () => {
    const { code, stderr } = await models('add', `${origin.url}/other.onnx`, '--sha256', SHA256)
    expect(code).toBe(1)
    expect(stderr).toMatch(/has the SHA-256 [0-9a-f]{64} instead of .* It was removed/)
    expect(readdirSync(at('own', 'files'))).toEqual(['tiny.onnx'])
  })

  test('is not downloaded without its SHA-256, nor over http', async () => {
    expect((await models('add', `${origin.url}/tiny.onnx`)).stderr).toContain('Give the SHA-256')
    const plain = await models('add', 'http://localhost/tiny.onnx', '--sha256', SHA256)
    expect(plain.stderr).toContain('is not an https address')
  })
})
