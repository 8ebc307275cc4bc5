/** Builds the page into a folder, as a process of its own: `FOLDER`. */
import { build } from 'vite'

import config from '../../web/vite.config.ts'

const [, , outDir = ''] = process.argv
await build({ ...config, configFile: false, logLevel: 'error', build: { ...config.build, outDir } })
