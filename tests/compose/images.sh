#!/bin/bash
# Makes images that stand in for those that docker-compose.yml and docker/Dockerfile name, from
# packages installed on this machine: same environment, users, volumes and health checks.
# usage: DOCKER_HOST=unix://FOLDER/docker.sock images.sh
set -euo pipefail
export DOCKER_BUILDKIT=0
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
system=(base-files base-passwd bash ca-certificates coreutils dash findutils grep gzip libc-bin libstdc++6 sed tar)
postgres=$(basename "$(ls -d /usr/lib/postgresql/* | sort -V | tail -n 1)")
servers=(curl openssl "postgresql-$postgres" redis-server radosgw ceph-mon ceph-osd)

# Lists the files of packages and of all that they depend on, relative to /.
files_of() {
  {
    apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$@" |
      grep '^[a-z]' | sort -u | { xargs dpkg --listfiles 2>/dev/null || true; } |
      sed -E 's#^/(bin|sbin|lib[a-z0-9]*)(/|$)#/usr/\1\2#' | grep -E '^/[^.]' |
      grep -vE '^/usr/share/(doc|man|locale|info|lintian)/'
    printf '%s\n' /usr/local /usr/local/bin /bin /sbin /lib /lib64 /etc/passwd /etc/group /etc/ld.so.cache /etc/ssl/certs/ca-certificates.crt
    find /etc/alternatives -mindepth 1
  } | sort -u | while read -r file; do if [ -e "$file" ] || [ -L "$file" ]; then echo "${file#/}"; fi; done
}

# import_packages IMAGE PACKAGES
import_packages() {
  files_of "${@:2}" >"$work/list"
  tar --create --directory / --no-recursion --files-from "$work/list" | docker import --change "ENV PATH=$path" - "$1" >/dev/null
}

# add_to BASE IMAGE: an image with what lies in $work/extra, and the Dockerfile's further lines from
# stdin
add_to() {
  { printf 'FROM %s\nCOPY . /\n' "$1" && cat; } | docker build --quiet --tag "$2" --file - "$work/extra" >/dev/null
  rm -rf "$work/extra"
}

import_packages debian:bookworm-slim "${system[@]}"

# Node.js as npm has it, and this machine's npm with its registry.
npm install --prefix "$work/npm" --no-save --ignore-scripts --force --no-audit --no-fund "node-linux-$(node -p process.arch)@24.21.0" >/dev/null
mkdir -p "$work"/extra/usr/local/{bin,etc,lib/node_modules}
mv "$work"/npm/node_modules/node-linux-*/bin/node "$work/extra/usr/local/bin/node"
mv "$work"/npm/node_modules/node-linux-*/LICENSE "$work/extra/usr/local/LICENSE"
cp -r "$(npm root --global)/npm" "$work/extra/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/extra/usr/local/bin/npm"
printf 'registry=%s\ncafile=/etc/ssl/certs/ca-certificates.crt\n' "$(npm config get registry)" >"$work/extra/usr/local/etc/npmrc"
add_to debian:bookworm-slim node:24-bookworm-slim </dev/null

import_packages servers "${system[@]}" "${servers[@]}"
mkdir -p "$work/extra/usr/local"
cp -r stand-ins "$work/extra/usr/local/bin"
add_to servers servers <<<'RUN mkdir -p /data && install -d -o postgres -g postgres -m 3777 /var/lib/postgresql /var/run/postgresql'
docker build --quiet --tag stand-in/postgres - <<<$'FROM servers\nSTOPSIGNAL SIGINT\nENTRYPOINT ["run-postgres"]' >/dev/null
docker build --quiet --tag stand-in/redis - <<<$'FROM servers\nRUN chown redis:redis /data\nWORKDIR /data' >/dev/null
docker build --quiet --tag stand-in/s3 - <<<$'FROM servers\nENTRYPOINT ["run-s3"]' >/dev/null
