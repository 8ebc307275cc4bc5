import { rmSync } from 'node:fs'

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { ensureBuilt } from '../../bin/dashboard/build.ts'
import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { pagePolicy } from '../../lib/page-policy.ts'
import { lacksBrowser, startBrowser } from '../support/browser.ts'
import { CLIENT, type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer.ts'
import { preparedData } from './support/data-folder.ts'
import { type Edge, startEdge } from './support/edge.ts'
import { feedHistory } from './support/feed-history.ts'

const PLACE = '#/chart?symbol=AAPL&timeframe=5Min'

let data: string
let issuer: OidcIssuer
let deployment: Deployment
let edge: Edge
let browser: Browser

describe.skipIf(lacksBrowser('the page with sign-in at an issuer'))(
  'the page with sign-in at an issuer',
  () => {
    beforeAll(async () => {
      data = await preparedData()
      const built = await ensureBuilt()
      edge = await startEdge(() => ({
        deployment,
        page: built,
        config: {
          signIn: 'oidc',
          stage: 'local',
          issuer: issuer.url,
          clientId: CLIENT,
          scope: 'openid groups',
          groupsClaim: 'groups',
          live: '/live',
        },
        policy: pagePolicy([issuer.url]),
      }))
      issuer = await startOidcIssuer([`${edge.url}/`])
      deployment = await startDeployment({
        data,
        durability: 'none',
        settings: { access: 'people', oidcIssuer: 'http://127.0.0.1:9', oidcClientId: CLIENT },
        environment: { OIDC_ISSUER: issuer.url },
      })
      await feedHistory(deployment, { symbols: ['AAPL', 'MSFT'], minutes: 10 })
      browser = await startBrowser()
    })

    afterAll(async () => {
      await browser.close()
      await edge.stop()
      await deployment.stop()
      await issuer.stop()
      rmSync(data, { recursive: true, force: true })
    })

    /** A browser of nobody's yet, and what its console says is wrong. */
    async function open(): Promise<{ context: BrowserContext; page: Page; faults: string[] }> {
      const context = await browser.newContext()
      onTestFinished(() => context.close())
      const page = await context.newPage()
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(error.message))
      page.on('console', (message) => {
        // The issuer's own pages want a font from elsewhere.
        if (message.type() === 'error' && message.location().url.startsWith(edge.url))
          faults.push(message.text())
      })
      return { context, page, faults }
    }

    async function signIn(page: Page, person: string): Promise<void> {
      await page.locator('input[name=login]').fill(person)
      await page.locator('input[name=password]').fill('any')
      await page.locator('button[type=submit]').click()
    }

    /** The issuer asks who it is. */
    const expectQuestion = (page: Page) => page.locator('input[name=login]').waitFor()
    const expectSignedOut = (page: Page) => page.getByRole('dialog', { name: 'Signed out' }).waitFor()
    const expectLive = (page: Page) => page.locator('.statuses').getByText('Live', { exact: true }).waitFor()

    it('leads to the issuer and back to the place that was asked for, and is live', async () => {
      const { page, faults } = await open()
      await page.goto(`${edge.url}/${PLACE}`)
      await signIn(page, 'ann')
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
      await page.waitForURL(`${edge.url}/${PLACE}`)
      await expectLive(page)
      await page.getByRole('link', { name: 'MSFT', exact: true }).waitFor()
      expect(faults).toEqual([])
    })

    it('keeps no token where a script of another page or a later visitor could find it', async () => {
      const { context, page } = await open()
      await page.goto(edge.url)
      await signIn(page, 'ann')
      await expectLive(page)
      const { cookies, origins } = await context.storageState()
      expect(cookies.filter(({ domain }) => domain === 'localhost')).toEqual([])
      const stored = await page.evaluate<string>(
        'JSON.stringify([{ ...localStorage }, { ...sessionStorage }])',
      )
      expect(`${JSON.stringify(origins)}${stored}`).not.toMatch(/eyJ|token/)
    })

    it('knows again who loads it again, without a question', async () => {
      const { page } = await open()
      await page.goto(`${edge.url}/${PLACE}`)
      await signIn(page, 'omar')
      await expectLive(page)
      await page.reload()
      await expectLive(page)
      await page.waitForURL(`${edge.url}/${PLACE}`)
    })

    it('ends the session at the issuer too, by Sign out', async () => {
      const { page } = await open()
      await page.goto(edge.url)
      await signIn(page, 'ann')
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.locator('button[value=yes]').click()
      // Back at the page, which asks the issuer, which asks who it is.
      await expectQuestion(page)
    })

    it('lets nobody in who is in no group, and says so', async () => {
      const { page } = await open()
      await page.goto(edge.url)
      await signIn(page, 'eve')
      await expectSignedOut(page)
      await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
    })

    it('asks for another sign-in when it has expired, and keeps the place', async () => {
      const { page } = await open()
      await page.goto(`${edge.url}/${PLACE}`)
      await signIn(page, 'ann')
      await expectLive(page)
      // What the authorizer answers when a token has expired.
      await page.route('**/v1/**', (route) => route.fulfill({ status: 401, body: '{}' }))
      await expectSignedOut(page)
      await page.waitForURL(`${edge.url}/${PLACE}`)
      await page.unroute('**/v1/**')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await expectLive(page)
      await page.waitForURL(`${edge.url}/${PLACE}`)
    })

    it('shows of the system what is here, and says what is not', async () => {
      const { page, faults } = await open()
      await page.goto(`${edge.url}/#/system`)
      await signIn(page, 'omar')
      await page.getByRole('heading', { name: 'Not here' }).waitFor()
      expect(await page.getByRole('switch').count()).toBe(0)
      expect(await page.getByRole('button', { name: /Redrive|Discard/ }).count()).toBe(0)
      expect(faults).toEqual([])
    })
  },
)
