import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** The program of a browser that is installed; undefined if there is none. */
const browserProgram = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((program) => existsSync(program))

const MISSING = `no ${NAMES.join(', ')} in the PATH`

/** Whether tests in a browser are left out, for `describe.skipIf`; if so, the run says it of these. */
export function lacksBrowser(name: string): boolean {
  if (browserProgram === undefined) process.stderr.write(`not run: ${name}: ${MISSING}\n`)
  return browserProgram === undefined
}

/** Starts the browser that is installed. */
export async function startBrowser(): Promise<Browser> {
  if (browserProgram === undefined) throw new Error(MISSING)
  return await chromium.launch({
    executablePath: browserProgram,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })
}
