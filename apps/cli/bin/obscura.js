#!/usr/bin/env node
// The workspace's bin: the launcher, so that `npx --no obscura` prepares the clone just as `./obscura` does.
import '../../../launcher/main.cjs'
