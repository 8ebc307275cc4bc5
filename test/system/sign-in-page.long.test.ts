import { rmSync } from 'node:fs'

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { ensureBuilt } from '../../bin/dashboard/build.ts'
import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { deployedFlags } from '../../bin/stage/flags.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { putRecordsWith } from '../../functions/shared/streams/kinesis-client.ts'
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
          scope: 'openid email groups',
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
        const { url } = message.location()
        // The issuer's own pages want a font from elsewhere. Health answers with 503 when no bar has come for three minutes.
        if (message.type() === 'error' && url.startsWith(edge.url) && !url.endsWith('/v1/health'))
          faults.push(`${url}: ${message.text()}`)
      })
      return { context, page, faults }
    }

    async function signIn(page: Page, person: string): Promise<void> {
      await page.locator('input[name=login]').fill(person)
      await page.locator('input[name=password]').fill('any')
      await page.locator('button[type=submit]').click()
    }

    const tokenOf = async (person: string): Promise<string> => `Bearer ${await issuer.signIn(person)}`

    async function operate(method: string, path: string, headers: Record<string, string>, body?: string) {
      const answer = await fetch(`${edge.url}/v1/operations${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body !== undefined && method !== 'GET' && { body }),
      })
      return { status: answer.status, body: await answer.text() }
    }

    /** Puts records with a price that is rejected, each into a batch of its own. */
    async function putRejected(count: number): Promise<void> {
      const put = putRecordsWith(createKinesisClient(deployment.runtime.environment))
      const tick = { symbol: 'BAD', price: '-1', volume: '1', timestamp: Math.floor(Date.now() / 1000) }
      for (let each = 0; each < count; each++) {
        await put(deployment.ticksStream, [{ PartitionKey: 'BAD', Data: Buffer.from(JSON.stringify(tick)) }])
        await deployment.settle()
      }
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

    it('tries requests out with the token of who is signed in, or with a key instead', async () => {
      const { page, faults } = await open()
      await page.goto(`${edge.url}/docs`)
      await signIn(page, 'ann')
      await page.getByRole('heading', { name: 'REST API' }).waitFor()
      await page.getByRole('link', { name: 'GET Symbols', exact: true }).click()
      const answer = page.getByRole('region', { name: 'Answer', exact: true })
      const send = page.getByRole('button', { name: 'Send' })
      await send.click()
      await answer.getByText('200', { exact: true }).waitFor()
      expect(await answer.locator('.answer-body').innerText()).toContain('MSFT')
      // With both, the authorizer would refuse it.
      await page.getByLabel('API key').fill(deployment.api.key)
      await send.click()
      await page.getByText('Sending …').waitFor({ state: 'detached' })
      await answer.getByText('200', { exact: true }).waitFor()
      expect(await page.locator('.command pre').innerText()).toContain(`'${edge.url}/v1/symbols'`)
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

    it('lets an operator switch a flag, redrive and discard dead letters, asked once more, and records who did it', async () => {
      const { page, faults } = await open()
      await putRejected(2)
      await page.goto(`${edge.url}/#/system`)
      await signIn(page, 'omar')
      const actions = page.getByRole('region', { name: 'Record of actions' })
      const agree = async (action: string) =>
        await page.getByRole('dialog').getByRole('button', { name: action }).click()
      for (const [action, value] of [
        ['Turn off', 'off'],
        ['Turn on', 'on'],
      ] as const) {
        await page.getByRole('switch', { name: 'Flag analytics' }).click()
        await agree(action)
        await actions.getByText(`flag analytics ${value}`).waitFor()
        expect((await deployedFlags('local', deployment.runtime.environment).list()).get('analytics')).toBe(
          value,
        )
      }
      await actions.getByText('omar@example.com (omar)').first().waitFor()

      const letters = page.locator('.letter').filter({ hasText: 'bad-price' })
      for (const [action, done, record] of [
        ['Redrive', ': put back on the stream.', /^dead letter redriven: rejected/],
        ['Discard', ': discarded.', /^dead letter discarded: rejected/],
      ] as const) {
        await letters.first().getByRole('button', { name: action }).click()
        await agree(action)
        // It is recorded before it is done.
        await page.getByText(done).first().waitFor()
        await actions.getByText(record).first().waitFor()
      }
      // What was redriven is rejected again, as it came.
      await deployment.settle()
      const { body } = await operate('GET', '/dead-letters', { authorization: await tokenOf('omar') })
      expect(JSON.parse(body)).toMatchObject({ items: [{ symbol: 'BAD', reason: 'bad-price' }] })
      expect(faults).toEqual([])
    })

    it('lets a viewer see the same and change nothing, whatever is sent, and a program neither', async () => {
      const { page } = await open()
      await page.goto(`${edge.url}/#/system`)
      await signIn(page, 'ann')
      const flag = page.getByRole('switch', { name: 'Flag analytics' })
      await flag.waitFor()
      expect(await flag.isDisabled()).toBe(true)
      const viewer = { authorization: await tokenOf('ann') }
      const program = { 'x-api-key': deployment.api.key }
      const key = JSON.stringify({ key: 'rejected/any' })
      for (const headers of [viewer, program])
        for (const [method, path, body] of [
          ['PUT', '/flags/analytics', '{"value":"off"}'],
          ['POST', '/dead-letters/redrive', key],
          ['POST', '/dead-letters/discard', key],
        ] as const)
          expect(await operate(method, path, headers, body)).toMatchObject({
            status: 403,
            body: expect.stringContaining('urn:tickstock:not-an-operator'),
          })
      expect(await operate('PUT', '/flags/analytics', {}, '{"value":"off"}')).toMatchObject({ status: 401 })
      expect(await operate('GET', '/system', viewer)).toMatchObject({
        status: 200,
        body: expect.stringContaining('"name":"analytics","value":"on"'),
      })
    })

    it('answers an operator what is wrong with a request', async () => {
      const headers = { authorization: await tokenOf('omar') }
      for (const [method, path, body, status, kind] of [
        ['PUT', '/flags/analytics', '{"value":"maybe"}', 400, 'bad-body'],
        ['PUT', '/flags/analytics', 'on', 400, 'bad-body'],
        ['PUT', '/flags/nothing', '{"value":"on"}', 404, 'not-found'],
        ['DELETE', '/flags/analytics', '', 405, 'method-not-allowed'],
        ['POST', '/dead-letters/redrive', '{"key":"nothing"}', 404, 'no-dead-letter'],
        ['POST', '/dead-letters/discard', '{"key":"redrive/journal.json"}', 404, 'no-dead-letter'],
        ['GET', '/dead-letters?limit=0', undefined, 400, 'bad-parameter'],
      ] as const)
        expect(await operate(method, path, headers, body)).toMatchObject({
          status,
          body: expect.stringContaining(`urn:tickstock:${kind}`),
        })
    })
  },
)
