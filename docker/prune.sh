#!/bin/sh
# Leaves of a prepared clone what the service needs at run time. Run in the image only: it deletes
# sources.
set -eu
npm prune --omit=dev --ignore-scripts --no-audit --no-fund
platform=$(node -p 'process.platform') arch=$(node -p 'process.arch')

# ONNX Runtime brings its binaries for all platforms, ten times what one needs.
runtime=node_modules/onnxruntime-node/bin/napi-v6
find "$runtime" -mindepth 1 -maxdepth 1 ! -name "$platform" -exec rm -r {} +
find "$runtime/$platform" -mindepth 1 -maxdepth 1 ! -name "$arch" -exec rm -r {} +

# Of the models stay manifests, weights and what was converted; of the code what was compiled, and
# the migrations.
rm -r .prepared docker launcher obscura tests bench docs apps/web/src apps/web/public models/node_modules models/src models/dist
find apps packages -name '*.ts' -delete -o -name '*.tsx' -delete -o -name '*.tsbuildinfo' -delete
find . -name '*.map' -delete
find node_modules \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete
find . -type d -empty -delete
