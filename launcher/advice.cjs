'use strict'

/** Advice for common failures, by the output of the failed command. The first match is shown. */
const ADVICE = [
  [
    /ENOSPC|no space left/i,
    "The disk is full. Preparation needs about 2 GB in the clone and in npm's cache (`npm cache clean --force` empties the cache).",
  ],
  [
    /EACCES|EPERM|EROFS/,
    "A file cannot be written. Check that the clone and npm's cache (`npm config get cache`) belong to you and are writable.",
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET|network/i,
    'The npm registry cannot be reached. Check the network; behind a proxy, set HTTPS_PROXY. `npm ping` tests the connection.',
  ],
  [
    /CERT|SELF_SIGNED/i,
    "The registry's certificate is not trusted. Set NODE_EXTRA_CA_CERTS to the file of your organisation's certificate.",
  ],
  [/E401|E403|ENEEDAUTH/, 'The npm registry refused the request. `npm config get registry` shows which registry is used.'],
  [/EINTEGRITY/, 'A downloaded package is corrupt. Run `npm cache clean --force`.'],
  [
    /can only install with an existing package-lock|in sync/i,
    'package.json and package-lock.json differ. Run `npm install` and commit the lockfile.',
  ],
  [/error TS\d+/, 'The sources do not compile. `npx tsc -b` shows all errors.'],
]

/** Returns advice for the output of a failed command. */
function adviceFor(output) {
  const found = ADVICE.find(([pattern]) => pattern.test(output))
  return found ? found[1] : 'See the output above for the reason.'
}

/** The lines of a failed command's output that give the reason: npm puts it first, others last. */
function reasonIn(output) {
  const lines = output.trim().split('\n')
  const npm = lines.filter(line => /^npm error \S/.test(line))
  return (npm.length > 0 ? npm.slice(0, 8) : lines.slice(-15)).join('\n')
}

module.exports = { adviceFor, reasonIn }
