import { fileURLToPath } from 'node:url'

import type { UserConfig } from 'vite'

/** How the page is built: static files with hashed names, and nothing inline, so that a strict CSP holds. */
const config: UserConfig = {
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    reportCompressedSize: false,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
}

export default config
