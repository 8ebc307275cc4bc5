import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** The program of a browser that is installed; undefined if there is none. */
export const browserProgram = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((program) => existsSync(program))

/** Why a test is left out on a machine without a browser. */
export const NO_BROWSER = `there is no ${NAMES.join(', ')} on the PATH: install one, as apt-get install chromium does`

/** Starts the browser that is installed. */
export async function startBrowser(): Promise<Browser> {
  if (browserProgram === undefined) throw new Error(NO_BROWSER)
  return await chromium.launch({
    executablePath: browserProgram,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })
}
