#!/bin/sh
# Creates the key of API and workers, which gives access to the bucket only. Repeating it only
# updates the secret. Run in the S3 server's image with MinIO's `mc`; MC_HOST_s3 holds the root
# key's URL.
set -eu
mc admin user add s3 obscura "$S3_SECRET_ACCESS_KEY"
mc admin policy create s3 obscura /setup/policy.json
# Fails if it is already attached.
mc admin policy attach s3 obscura --user obscura || case "$(mc admin user info s3 obscura)" in
*"PolicyName: obscura"*) ;;
*) exit 1 ;;
esac
