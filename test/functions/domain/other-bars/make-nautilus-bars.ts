import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { NAUTILUS_KINDS, nautilusCsv, goldTrades } from '../../../support/nautilus-trades.ts'
import { installPythonPackage } from '../../../support/python-package.ts'

/**
 * Makes nautilus-bars.csv again: `node test/functions/domain/other-bars/make-nautilus-bars.ts`. It installs nautilus_trader,
 * 700 MB that need Python 3.12 or later, which is why the test reads the file rather than make it.
 */
const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const home = pathOf('../../../../.emulators/nautilus_trader')
const python = await installPythonPackage('nautilus_trader', { version: '1.231.0', home })
const folder = mkdtempSync(join(tmpdir(), 'nautilus-'))
try {
  const trades = join(folder, 'trades.csv')
  writeFileSync(trades, nautilusCsv(goldTrades()))
  const kinds = NAUTILUS_KINDS.map(({ theirs }) => theirs)
  const bars = execFileSync(python, [pathOf('nautilus.py'), trades, ...kinds], { encoding: 'utf8' })
  writeFileSync(pathOf('nautilus-bars.csv'), bars)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
