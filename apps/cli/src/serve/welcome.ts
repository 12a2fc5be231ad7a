import type { FirstUser } from './first-user.js'

/**
 * What `obscura serve` prints when it is ready: the address, how to sign in, and commands that
 * anonymize a first image. `reach` warns that other machines can connect, but cannot use the URLs
 * they get.
 */
export function welcome(url: string, user: FirstUser, reach: 'all' | 'links stay here'): string {
  // Quoted for JSON, and for the shell's single quotes around it.
  const credentials = JSON.stringify({ username: user.username, password: user.generatedPassword ?? 'PASSWORD' }).replaceAll(
    "'",
    "'\\''",
  )
  const signIn = user.generatedPassword
    ? `Sign in as ${user.username} with the password ${user.generatedPassword} (generated; it is not shown again)`
    : `Sign in as ${user.username}: replace PASSWORD below with the password (to reset it: ./obscura user password ${user.username})`
  const warning = `OBSCURA_PASSWORD is not ${user.username}'s password: it is only used to create the first user. Change the password with ./obscura user password ${user.username}`
  const links = `URLs in responses begin with ${url}, which other machines cannot reach: set PUBLIC_URL to the address they use.`
  const warnings = [...(user.differs ? [warning] : []), ...(reach === 'all' ? [] : [links])]
  return `
Obscura is ready at ${url} (open it in a browser)
API documentation: ${url}/docs
${signIn}
${warnings.map(line => `${line}\n`).join('')}
To anonymize a first image, photo.jpg, run in another terminal:

  field() { sed -E "s/.*\\"$1\\": *\\"?([^\\",}]*).*/\\1/"; }
  TOKEN=$(curl -s ${url}/v2/signin -d '${credentials}' | field AccessToken)
  curl -s ${url}/v2/task -H "Authorization: $TOKEN" -d '{"anonymization_method": "blur", "face": true, "person": true, "license_plate": true, "vehicle": true}' > task.json
  curl -s -T photo.jpg "$(field upload_url < task.json)"
  until curl -s ${url}/v2/task/$(field task_id < task.json)/status -H "Authorization: $TOKEN" | grep -E '"(done|failed)"'; do sleep 1; done
  curl -s -o anonymized.jpg "$(curl -s ${url}/v2/task/$(field task_id < task.json) -H "Authorization: $TOKEN" | field anonymized_url)"

Stop with Ctrl-C.
`
}
