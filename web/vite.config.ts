import { fileURLToPath } from 'node:url'

import { build, type HtmlTagDescriptor, type Plugin, type UserConfig } from 'vite'

const ROOT = fileURLToPath(new URL('.', import.meta.url))
const TARGET = 'es2023'

/**
 * Adds the script that runs first: before the page's also where the browser has both in its cache, so it is not `async`. It is built by
 * itself: modules that it shares with the page would be files of their own, for which both wait.
 */
const first: Plugin = {
  name: 'first-script',
  async buildStart() {
    const rolldownOptions = { input: `${ROOT}src/first.ts` }
    const built = await build({
      configFile: false,
      logLevel: 'error',
      root: ROOT,
      publicDir: false,
      build: { write: false, target: TARGET, modulePreload: false, rolldownOptions },
    })
    for (const { output } of [built].flat().filter((one) => 'output' in one))
      for (const file of output)
        if (file.type === 'chunk') this.emitFile({ type: 'asset', name: 'first.js', source: file.code })
  },
  transformIndexHtml: {
    order: 'post',
    handler: (_, { bundle = {} }) =>
      Object.values(bundle)
        .filter((file) => file.type === 'asset' && file.names.includes('first.js'))
        .map(({ fileName }): HtmlTagDescriptor => {
          const attrs = { type: 'module', crossorigin: true, src: `/${fileName}` }
          return { tag: 'script', attrs, injectTo: 'head-prepend' }
        }),
  },
}

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
  root: ROOT,
  base: '/',
  plugins: [first, preloadChart],
  build: {
    target: TARGET,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    reportCompressedSize: false,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
}

export default config
