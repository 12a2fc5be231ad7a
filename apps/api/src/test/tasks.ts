import type { StoredDetection } from '@obscura/shared'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type RequestOptions, type Service, startService } from './service.js'

/** Requests about tasks by one user, who is another one in each test. */
export interface TaskClient {
  service: Service
  token: string
  get(path: string): ReturnType<Service['request']>
  start(id: number, options?: RequestOptions): ReturnType<Service['request']>
  deleteFiles(id: number, options?: RequestOptions): ReturnType<Service['request']>
  /** A task whose file has arrived. */
  uploaded(parameters?: object): ReturnType<Service['create']>
  /** A task that is done; without an image if `format` is null. */
  done(parameters?: object, detections?: StoredDetection[], format?: 'jpeg' | 'png' | null): ReturnType<Service['create']>
}

/** Starts a service for the tests of this file. @returns its client, usable in tests and hooks */
export function useTaskClient(): TaskClient {
  let service: Service
  let token: string
  beforeAll(async () => {
    service = await startService()
  })
  afterAll(() => service.close())
  beforeEach(async () => {
    token = (await service.newUser()).token
  })
  async function uploaded(parameters = {}) {
    const task = await service.create(token, parameters)
    await service.upload(task.upload_url)
    // Where clients upload to S3, their first status request detects the file.
    await service.status(token, task.task_id)
    return task
  }
  return {
    get service() {
      return service
    },
    get token() {
      return token
    },
    get: path => service.request('GET', path, { token }),
    start: (id, options = {}) => service.request('POST', `/v2/task/${id}/start`, { token, ...options }),
    deleteFiles: (id, options = {}) => service.request('DELETE', `/v2/task/${id}/files`, { token, ...options }),
    uploaded,
    async done(parameters = {}, detections = [], format = 'jpeg') {
      const task = await uploaded(parameters)
      await service.complete(task.task_id, detections, format ?? undefined)
      return task
    },
  }
}
