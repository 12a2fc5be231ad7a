import { defineConfig } from 'vite'

export default defineConfig({
  // Addresses relative to the page: it also works below a path prefix.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Small files as files too: the page's policy allows no data: URLs but for images.
  // The 360-degree view is large, and loaded only when somebody looks around.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 700 },
  // `npm run dev` runs the service at 8080.
  server: { proxy: { '^/(v2|session|files)(/|$)': 'http://127.0.0.1:8080' } },
})
