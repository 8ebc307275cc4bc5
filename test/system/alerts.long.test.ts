import { rmSync } from 'node:fs'

import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { type Received, type Receiver, startReceiver } from '../../bin/stage/alerts/receive.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { preparedData } from './support/data-folder.ts'
import { runCommand } from './support/run-command.ts'
import { waitFor } from './support/wait-for.ts'

const ALERTER = 'tickstock-local-alerter'

let data: string
let deployment: Deployment
let receiver: Receiver
let secret: string
let port: number
const received: Received[] = []
/** Unix seconds of a minute of the last hour. */
const T = Math.floor(Date.now() / 60_000) * 60 - 1800

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({
    data,
    durability: 'none',
    clocks: 'own',
    settings: { alerts: 'on', alertTopic: 'on' },
  })
})

afterAll(async () => {
  await receiver.stop()
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

async function put(...trades: readonly (readonly [second: number, price: number])[]): Promise<void> {
  const kinesis = createKinesisClient(deployment.runtime.environment)
  const ticks = trades.map(([second, price]) => [T + second, price, 1])
  const Data = Buffer.from(JSON.stringify({ symbol: 'AAPL', ticks }))
  await kinesis.send(
    new PutRecordsCommand({
      StreamName: deployment.ticksStream,
      Records: [{ PartitionKey: 'AAPL', Data }],
    }),
  )
  await deployment.settle()
}

async function alerts(...words: readonly string[]): Promise<string> {
  const { environment } = deployment.runtime
  const { code, stdout, stderr } = await runCommand(['alerts', ...words, '--stage', 'local'], environment)
  if (code !== 0) throw new Error(`tickstock alerts ${words.join(' ')}: ${stderr}${stdout}`)
  return stdout
}

async function listen(): Promise<void> {
  receiver = await startReceiver({ secret, port, now: Date.now }, (each) => void received.push(each))
  port = Number(new URL(receiver.url).port)
}

const fresh = () => received.filter(({ verdict }) => verdict === 'new').map(({ body }) => JSON.parse(body))
const said = () => fresh().map(({ data: { minute, revision, values } }) => [minute, revision, values.close])
const minute = (of: number) => `${new Date((T + of * 60) * 1000).toISOString().slice(0, 19)}Z`

describe('alerts', () => {
  it('go to a receiver on this machine, signed, by a rule of the command line', async () => {
    secret = 'whsec_AAAA'
    port = 0
    await listen()
    const added = await alerts('add', 'close crosses above 10.5', '--symbols', 'AAPL', '--to', receiver.url)
    await receiver.stop()
    secret = /^secret {2}(whsec_\S+)$/m.exec(added)?.[1] ?? ''
    const id = /^rule {4}(\S+)$/m.exec(added)?.[1] ?? ''
    await listen()
    expect(await alerts('test', id)).toContain('delivered: the receiver answered 204')
    expect(fresh()).toMatchObject([{ type: 'alert.test', data: { rule: { id } } }])
    expect(await alerts('list')).toContain('close crosses above 10.5')
    received.length = 0
  })

  it('are sent once for a bar, and once for its correction', async () => {
    await put([0, 10], [60, 11], [120, 10])
    await waitFor(() => fresh().length >= 1, 'the alert')
    await put([100, 12])
    await waitFor(() => fresh().length >= 2, 'the alert of the correction')
    expect(said()).toEqual([
      [minute(1), 1, '11'],
      [minute(1), 2, '12'],
    ])
  })

  it('are sent after the alerter was killed between recording and delivery', async () => {
    await receiver.stop()
    await put([180, 11], [240, 10])
    await waitFor(
      async () => (await alerts('firings')).includes('ECONNREFUSED'),
      'an attempt while nobody listens',
    )
    await deployment.runtime.killFunction(ALERTER)
    await listen()
    const firings = JSON.parse(await alerts('firings', '--json'))
    expect(firings).toMatchObject([{ delivery: 'waiting', attempts: 1 }, {}, {}])
    // The next attempt is a minute later.
    deployment.runtime.setClock(ALERTER, 90_000)
    await deployment.runtime.invoke(ALERTER, { type: 'minute' })
    await waitFor(() => fresh().length >= 3, 'the alert')
    expect(said().slice(2)).toEqual([[minute(3), 1, '11']])
    expect(received.filter(({ verdict }) => verdict !== 'new')).toEqual([])
  })

  it('are published to the topic, and its firings are delivered like any other', async () => {
    const topic = deployment.runtime.outputs['AlertTopic'] ?? ''
    expect(deployment.runtime.published(topic)).toEqual([])
    const added = await alerts('add', 'close > 100', '--symbols', 'AAPL', '--to', 'topic', '--name', 'high')
    expect(added).not.toContain('secret')
    // It keeps rules for seconds.
    await deployment.runtime.killFunction(ALERTER)
    await put([300, 101], [360, 10])
    await waitFor(() => deployment.runtime.published(topic).length > 0, 'the message')
    const [message, ...others] = deployment.runtime.published(topic)
    expect(others).toEqual([])
    expect(message?.subject).toBe('AAPL: high')
    const body = JSON.parse(JSON.parse(message?.message ?? '').default)
    expect(body).toMatchObject({
      type: 'alert.fired',
      data: { symbol: 'AAPL', minute: minute(5), revision: 1, values: { close: '101' } },
    })
    // The rule of the tests before fires for that minute too.
    const id = message?.attributes.get('id')
    await waitFor(
      async () =>
        z
          .array(z.object({ id: z.string(), delivery: z.string() }))
          .parse(JSON.parse(await alerts('firings', '--json')))
          .some((firing) => firing.id === id && firing.delivery === 'delivered'),
      'the delivery to be noted',
    )
  })

  it('are for operators over REST', async () => {
    const { url, key } = deployment.api
    const answer = await fetch(`${url}/v1/alerts`, { headers: { 'x-api-key': key } })
    expect([answer.status, JSON.parse(await answer.text()).type]).toEqual([403, 'urn:tickstock:not-operator'])
  })
})
