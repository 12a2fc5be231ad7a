/** Which real servers and tools a test needs, and what to say when one is missing. */
import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

// Debian keeps PostgreSQL's programs out of the PATH, by version.
const POSTGRES = '/usr/lib/postgresql'

const PACKAGES = {
  'redis-server': 'redis-server',
  initdb: 'postgresql',
  radosgw: 'radosgw ceph-mon ceph-osd',
  'docker-compose': 'docker-compose',
  faketime: 'faketime',
  chromium: 'chromium',
  curl: 'curl',
  jq: 'jq',
  ogr2ogr: 'gdal-bin',
  mypy: 'mypy python3-typeshed',
  'systemd-analyze': 'systemd',
}

export type Program = keyof typeof PACKAGES

/** The path of a program. @returns undefined when it is not installed */
export function findProgram(name: string): string | undefined {
  return folders()
    .map(folder => join(folder, name))
    .find(isExecutable)
}

/**
 * Whether a test that needs this program has to be skipped; says so in one line.
 * @throws when it is missing although REQUIRE_SERVICES=1 says that all must be there
 */
export function missing(program: Program): boolean {
  return findProgram(program) === undefined && absent(program, PACKAGES[program])
}

/**
 * What {@link missing} does, for something that is not a program: says that it is not there.
 * @throws when REQUIRE_SERVICES=1
 */
export function absent(name: string, packages: string): true {
  const advice = `${name} is not installed: apt-get install -y --no-install-recommends ${packages}`
  if (process.env.REQUIRE_SERVICES === '1') throw new Error(advice)
  console.warn(`Skipped, because ${advice}`)
  return true
}

function folders(): string[] {
  return [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    ...versionsOf(POSTGRES).map(version => join(POSTGRES, version, 'bin')),
  ]
}

/** Newest first. */
function versionsOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort((a, b) => Number(b) - Number(a))
  } catch {
    return []
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
