/** `npm run bench`: ratios within one run, since machines are noisy. `-- --json` prints JSON. */
import { benchAnalytics } from './analytics.ts'
import { benchFold } from './fold.ts'
import { benchHandlerPath, benchMemory } from './handler-path.ts'

const figures = [
  ...benchMemory(),
  ...(await benchFold()),
  ...(await benchHandlerPath()),
  ...(await benchAnalytics()),
]
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`)
else
  for (const { name, value, unit, aim } of figures) {
    const shown = value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2)
    process.stdout.write(
      `${name.padEnd(44)} ${shown.padStart(12)} ${unit.padEnd(8)}${aim === undefined ? '' : `aim ${aim}`}\n`,
    )
  }
