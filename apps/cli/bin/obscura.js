#!/usr/bin/env node
// The bin of the workspace: the launcher, so that `npx --no obscura` prepares the clone like
// `./obscura`.
import '../../../launcher/main.cjs'
