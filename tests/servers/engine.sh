#!/bin/bash
# Starts a throw-away Docker engine in FOLDER and runs a container on it, or says on stderr why it
# cannot. Its socket is FOLDER/docker.sock, its process ID in FOLDER/docker.pid.
# usage: engine.sh FOLDER
set -euo pipefail
folder=$1
[ "$(id -u)" -eq 0 ] || { echo 'only root can start a Docker engine' >&2; exit 1; }
for program in dockerd docker docker-init runc iptables; do
  command -v $program >/dev/null || { echo "$program is not installed" >&2; exit 1; }
done
export DOCKER_HOST=unix://$folder/docker.sock
setsid dockerd --host "$DOCKER_HOST" --data-root "$folder/data" --exec-root "$folder/exec" \
  --pidfile "$folder/docker.pid" --exec-opt native.cgroupdriver=cgroupfs >"$folder/dockerd.log" 2>&1 </dev/null &
for _ in $(seq 300); do
  docker version >/dev/null 2>&1 && break
  kill -0 $! 2>/dev/null || break
  sleep 0.2
done
docker version >/dev/null 2>&1 || { tail -n 3 "$folder/dockerd.log" >&2; exit 1; }
# One static program is a whole image.
docker image inspect probe >/dev/null 2>&1 ||
  tar --create --dereference --directory "$(dirname "$(command -v docker-init)")" docker-init | docker import - probe >/dev/null
docker run --rm probe /docker-init --version >/dev/null
