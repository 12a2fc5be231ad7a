import { createHash, createHmac } from 'node:crypto'
import type { S3Server } from './ceph.js'

/**
 * Makes a topic of Ceph's object gateway, as `aws sns create-topic` does, that pushes notifications
 * to a URL before uploads are answered. (With persistent=true it pushes later and again, but first
 * looks for new topics after half a minute.)
 * @returns its ARN
 */
export async function createTopic(server: S3Server, name: string, pushEndpoint: string): Promise<string> {
  const attribute = { 'Attributes.entry.1.key': 'push-endpoint', 'Attributes.entry.1.value': pushEndpoint }
  const body = new URLSearchParams({ Action: 'CreateTopic', Name: name, ...attribute }).toString()
  const response = await fetch(server.endpoint, { method: 'POST', body, headers: signed(server, body) })
  const text = await response.text()
  const arn = /<TopicArn>(.*)<\/TopicArn>/.exec(text)?.[1]
  if (!arn) throw new Error(`No topic was made (${response.status}): ${text}`)
  return arn
}

/** The headers of AWS Signature Version 4 for a POST of `body` to /. */
function signed({ endpoint, accessKeyId, secretAccessKey }: S3Server, body: string): Record<string, string> {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    host: new URL(endpoint).host,
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': time,
  }
  const names = Object.keys(headers).join(';')
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
  const request = ['POST', '/', '', lines.join(''), names, sha256(body)].join('\n')
  const scope = [time.slice(0, 8), 'us-east-1', 'sns', 'aws4_request']
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(request)].join('\n')).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`
  return { ...headers, authorization }
}
