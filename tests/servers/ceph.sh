#!/bin/bash
# Starts a throw-away one-node Ceph object gateway (S3) on loopback in 1-2 s: one monitor, one
# memory-backed OSD, the gateway, two users.
# usage: ceph.sh FOLDER S3_PORT MONITOR_PORT. The processes' pid files lie in FOLDER. LIFECYCLE_DAY
# shortens a lifecycle rule's day (seconds).
set -euo pipefail
folder=$1 port=$2 monitor=$3
mkdir "$folder"/{mon,osd,rgw}
cluster=$(cat /proc/sys/kernel/random/uuid) osd=$(cat /proc/sys/kernel/random/uuid)
export CEPH_CONF=$folder/ceph.conf
cat >"$CEPH_CONF" <<CONF
[global]
fsid = $cluster
mon host = [v2:127.0.0.1:$monitor/0]
mon initial members = a
public network = 127.0.0.0/8
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = $folder/keyring
run dir = $folder
admin socket = $folder/\$name.asok
pid file = $folder/\$name.pid
log file = $folder/\$name.log
mon data = $folder/mon
mon data avail crit = 1
osd data = $folder/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd memory target = 1073741824
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
# With the defaults of the next five the start takes ten times as long.
paxos propose interval = 0.05
paxos min wait = 0.01
mon tick interval = 1
osd heartbeat interval = 1
osd tick interval = 0.2
[client.rgw]
rgw data = $folder/rgw
rgw frontends = beast endpoint=127.0.0.1:$port
rgw enable ops log = false
rgw thread pool size = 32
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = testkey=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo=
rgw lc debug interval = ${LIFECYCLE_DAY:--1}
CONF

monmaptool --create --fsid "$cluster" --addv a "[v2:127.0.0.1:$monitor]" "$folder/monmap" >/dev/null
ceph-authtool "$folder/keyring" --create-keyring --gen-key -n mon. --cap mon 'allow *' >/dev/null
for name in client.admin osd.0 client.rgw; do
  ceph-authtool "$folder/keyring" --gen-key -n $name --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' >/dev/null
done
ceph-mon --mkfs -i a --monmap "$folder/monmap" --keyring "$folder/keyring"
ceph-mon -i a
ceph osd new "$osd" 0 >/dev/null
ceph-osd -i 0 --mkfs --osd-uuid "$osd" >/dev/null 2>&1
ceph-osd -i 0 >/dev/null 2>&1
radosgw -n client.rgw
radosgw-admin user create --uid=test --display-name=test --access-key=testaccess --secret-key=testsecret123 >/dev/null
radosgw-admin user create --uid=narrow --display-name=narrow --access-key=narrowaccess --secret-key=narrowsecret123 >/dev/null
