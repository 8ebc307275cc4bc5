/** `npm run pictures`: draws each candlestick pattern, as it is found in bars, to docs/pictures/. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { drawPatterns } from './draw-patterns.ts'

const FOLDER = fileURLToPath(new URL('./', import.meta.url))

for (const [name, svg] of drawPatterns()) writeFileSync(`${FOLDER}${name}.svg`, svg)
