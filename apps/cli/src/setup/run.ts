import { createLogger, openDatabase, s3Options } from '@obscura/shared'
import { CommandError } from '../command-error.js'
import { ensureFirstUser } from '../serve/first-user.js'
import { readSettings } from '../settings.js'

/** The bucket deletes files later than the service, which also updates the tasks. */
const GRACE_DAYS = 7

const EVENTS_ADVICE = `
The API accepts upload notifications from the S3 server at /events/s3. To connect them (API is the address at which the S3 server reaches the API):
  MinIO, Silo  start the server with MINIO_NOTIFY_WEBHOOK_ENABLE_OBSCURA=on, MINIO_NOTIFY_WEBHOOK_ENDPOINT_OBSCURA=API/events/s3 and
               MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_OBSCURA=<S3_EVENTS_TOKEN>; then S3_EVENTS_TARGET=arn:minio:sqs::OBSCURA:webhook obscura setup
  Ceph         aws --endpoint-url <S3_ENDPOINT> sns create-topic --name obscura --attributes
               '{"push-endpoint": "API/events/s3?token=<S3_EVENTS_TOKEN>", "persistent": "true"}'; then S3_EVENTS_TARGET=<its ARN> obscura setup
  AWS          S3_EVENTS_TARGET=eventbridge obscura setup; then create an EventBridge rule for "Object Created" events of the bucket, with an API destination
               API/events/s3 whose connection sends the header Authorization: <S3_EVENTS_TOKEN>.
Without notifications, status requests and the sweeper detect uploads a few seconds later.`

/**
 * Prepares database and bucket, and prints what was done.
 * @throws CommandError when one cannot be reached or refuses
 */
export async function setup(): Promise<void> {
  const config = readSettings()
  const log = createLogger(process.stderr.isTTY ? 'silent' : config.LOG_LEVEL)
  const db = await openDatabase(config).catch(error => {
    throw new CommandError(`The database cannot be used: ${(error as Error).message}`)
  })
  console.log('The database schema is up to date.')
  try {
    const { username, generatedPassword } = await ensureFirstUser(db, config, log)
    if (generatedPassword)
      console.log(`Sign in as ${username} with the password ${generatedPassword} (generated; it is not shown again).`)
    else console.log(`The user ${username} exists.`)
  } finally {
    await db.close()
  }
  const s3 = s3Options(config)
  if (!s3) return
  const expireDays = config.RETENTION_DAYS && config.RETENTION_DAYS + GRACE_DAYS
  const { prepareBucket } = await import('@obscura/shared/s3')
  const done = await prepareBucket(s3, { expireDays, eventsTarget: config.S3_EVENTS_TARGET }).catch(error => {
    throw new CommandError(`The bucket cannot be prepared. ${(error as Error).message}`)
  })
  for (const sentence of done) console.log(sentence)
  if (config.S3_EVENTS_TOKEN && !config.S3_EVENTS_TARGET) console.log(EVENTS_ADVICE)
}
