import { fileURLToPath } from 'node:url'

import type { Plugin, UserConfig } from 'vite'

/** The chart is most of the code: it is fetched beside the rest, and not after that has run. */
const preloadChart: Plugin = {
  name: 'preload-chart',
  transformIndexHtml: {
    order: 'post',
    handler: (_, { bundle = {} }) =>
      Object.values(bundle)
        .filter((file) => file.type === 'chunk' && file.name === 'price-chart')
        .map(({ fileName }) => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `/${fileName}` },
        })),
  },
}

/** How the page is built: static files with hashed names, and nothing inline, so that a strict CSP holds. */
const config: UserConfig = {
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [preloadChart],
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
