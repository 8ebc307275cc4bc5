/** `npm run bench [-- SECTION...] [--json] [--data FOLDER]`: ratios within one run, since machines are noisy. */
import { parseArgs } from 'node:util'

import { benchAnalytics } from './analytics.ts'
import { benchApi } from './api/api.ts'
import { benchFold } from './fold.ts'
import { benchHandlerPath, benchMemory } from './handler-path.ts'
import { benchKinesis } from './kinesis.ts'
import type { Figure } from './measure.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, data: { type: 'string' } },
})

/** By name, in the order in which they run. */
const SECTIONS: Readonly<Record<string, () => readonly Figure[] | Promise<readonly Figure[]>>> = {
  memory: benchMemory,
  fold: benchFold,
  handler: benchHandlerPath,
  analytics: benchAnalytics,
  kinesis: benchKinesis,
  // Takes minutes, nearly all of them to make 10 million bars; with --data they are kept for the next time.
  api: () => benchApi({ folder: values.data, onProgress: (doing) => process.stderr.write(`${doing}\n`) }),
}

const unknown = positionals.find((name) => !(name in SECTIONS))
if (unknown !== undefined) {
  process.stderr.write(`there is no benchmark "${unknown}"; there are ${Object.keys(SECTIONS).join(', ')}\n`)
  process.exit(1)
}
const figures: Figure[] = []
for (const [name, measure] of Object.entries(SECTIONS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  const measured = await measure()
  figures.push(...measured)
  if (!values.json) for (const figure of measured) process.stdout.write(`${lineOf(figure)}\n`)
}
if (values.json) process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`)
process.exit()

function lineOf({ name, value, unit, aim }: Figure): string {
  const shown = value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2)
  return `${name.padEnd(52)} ${shown.padStart(12)} ${unit.padEnd(8)}${aim === undefined ? '' : `aim ${aim}`}`.trimEnd()
}
