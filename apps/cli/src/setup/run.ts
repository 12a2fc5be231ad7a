import { openDatabase, prepareBucket, s3Options } from '@obscura/shared'
import { Failure } from '../failure.js'
import { ensureFirstUser } from '../serve/first-user.js'
import { readSettings } from '../settings.js'

/** The bucket's own deletion comes later than the service's, which also knows the tasks. */
const DAYS_OF_GRACE = 7

/** Prepares database and bucket, and says what was done. @throws Failure when one cannot be reached or refuses */
export async function setup(): Promise<void> {
  const config = readSettings()
  const db = await openDatabase(config).catch(error => {
    throw new Failure(`The database cannot be used: ${(error as Error).message}`)
  })
  console.log('The tables of the database are up to date.')
  try {
    const { username, madeUp } = await ensureFirstUser(db, config)
    if (madeUp) console.log(`Sign in as ${username} with the password ${madeUp} (made up; it is not shown again).`)
    else console.log(`There is the user ${username}.`)
  } finally {
    await db.close()
  }
  const s3 = s3Options(config)
  if (!s3) return
  const expireDays = config.RETENTION_DAYS && config.RETENTION_DAYS + DAYS_OF_GRACE
  const done = await prepareBucket(s3, { expireDays, encryption: config.S3_ENCRYPTION }).catch(error => {
    throw new Failure(`The bucket cannot be prepared. ${(error as Error).message}`)
  })
  for (const sentence of done) console.log(sentence)
}
