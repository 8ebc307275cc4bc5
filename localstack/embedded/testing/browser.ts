import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import type { Attack } from './attacked-app.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome']

/** The program of a browser that is installed; undefined if there is none. */
export const browserProgram = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => names.map((name) => join(folder, name)))
  .find((program) => existsSync(program))

/** Starts a browser to which each of these names is this machine, as a hostile name server would have it. */
export async function startBrowser(program: string, hosts: readonly string[]): Promise<Browser> {
  const rules = hosts.map((host) => `MAP ${host} 127.0.0.1`).join(',')
  return await chromium.launch({
    executablePath: program,
    args: [
      `--host-resolver-rules=${rules}`,
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/**
 * What a page sees of a request: its status and body, or that the browser kept them from it; asked for by CORS and,
 * after the bar, as a form would send it, whose answer no page sees.
 */
export async function sendFromPage(page: Page, url: string, attack: Attack): Promise<string> {
  return await run(
    page,
    [url, attack],
    `async (url, { method, headers, body }) => {
    const sent = async (mode) => {
      try {
        const response = await fetch(url, { method, headers, body, mode })
        return response.status + ' ' + await response.text()
      } catch {
        return 'kept from the page'
      }
    }
    return await sent('cors') + ' | ' + await sent('no-cors')
  }`,
  )
}

/** `open` or `refused`. */
export async function openWebSocket(page: Page, url: string): Promise<string> {
  return await run(
    page,
    [url],
    `(url) => new Promise((resolve) => {
    const socket = new WebSocket(url)
    socket.addEventListener('open', () => resolve('open'))
    socket.addEventListener('error', () => resolve('refused'))
  })`,
  )
}

/** `shown` or `refused`. */
export async function showImage(page: Page, url: string): Promise<string> {
  return await run(
    page,
    [url],
    `(url) => new Promise((resolve) => {
    const image = new Image()
    image.addEventListener('load', () => resolve('shown'))
    image.addEventListener('error', () => resolve('refused'))
    image.src = url
  })`,
  )
}

/** As text, since this package is not compiled for browsers. */
async function run(page: Page, given: readonly unknown[], code: string): Promise<string> {
  const list = given.map((each) => JSON.stringify(each)).join(', ')
  return await page.evaluate<string>(`(${code})(${list})`)
}
