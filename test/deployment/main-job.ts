import { expect, it } from 'vitest'
import * as z from 'zod'

import { kinesisPort } from '../../feed/kinesis-client.ts'
import { eventually } from '../support/eventually.ts'
import { expectPublishedBars } from '../support/published-bars.ts'
import { putFile } from '../support/put-file.ts'
import { startWatching } from '../system/support/watching.ts'
import { readTrades, tradesPath } from '../support/trades.ts'
import type { Row } from '../system/support/replay-into.ts'
import { PATIENCE } from './deployed.ts'
import { needs } from './needs.ts'
import { minutesAgo, tick } from './ticks.ts'
import type { System } from './system.ts'

/** The recording that is played. */
export const SET = 'kraken-xbtusdt-20251110'

const barsSchema = z.object({ bars: z.array(z.object({ t: z.string(), c: z.string(), v: z.string() })) })
const indicatorsSchema = z.object({ indicators: z.array(z.unknown()) })

/** What the system is for. Gives the way to the bars of the recording as they were then. */
export function describeMainJob(system: () => System): () => readonly Row[] {
  let recorded: readonly Row[] = []
  it('turns recorded trades into the bars that the venue published', async () => {
    await putFile(tradesPath(SET), {
      kinesis: kinesisPort(system().deployed.kinesis),
      stream: system().deployed.names.TicksStream,
      ticksPerRecord: 20,
    })
    const minutes = new Set(readTrades(SET).map(({ timestamp }) => Math.floor(Number(timestamp) / 60)))
    const rows = await system().deployed.barsOf('XBTUSDT', minutes.size)
    expect(rows).toHaveLength(minutes.size)
    expectPublishedBars(SET, rows)
    recorded = rows
  })

  it('shows bars and indicators through the REST API, to who has its key', async () => {
    const rows = await system().deployed.bars('XBTUSDT')
    const span = `start=${rows[0]?.timestamp}&end=${rows.at(-1)?.timestamp}&limit=1000`
    const key = { 'x-api-key': await system().deployed.apiKey() }
    expect((await system().deployed.get(`/v1/bars/XBTUSDT?${span}`)).status).toBe(401)
    const answer = await (await system().deployed.get(`/v1/bars/XBTUSDT?${span}&numbers=string`, key)).json()
    const { bars } = barsSchema.parse(answer)
    expect(bars.map(({ t, c, v }) => [t, c, v])).toEqual(
      rows.map(({ timestamp, close, volume }) => [timestamp, close, volume]),
    )
    await eventually(
      'indicators of each minute',
      async () => {
        const found = await system().deployed.get(`/v1/indicators/XBTUSDT?form=wide&${span}`, key)
        return indicatorsSchema.parse(await found.json()).indicators.length === rows.length
      },
      PATIENCE,
    )
  })

  it('sends bars, and what comes of them, to a WebSocket client that wants them', async (context) => {
    needs('WebSocket APIs', system().endpoint, context)
    const { deployed } = system()
    const { webSocketUrl } = deployed
    const client = await startWatching(
      { webSocketUrl, api: { url: '', key: await deployed.apiKey() } },
      { symbols: ['SOCKET'] },
    )
    const minute = minutesAgo(5)
    await deployed.put('SOCKET', tick('SOCKET', 7, minute), tick('SOCKET', 8, minute + 60))
    const types = await eventually(
      'the bar and its indicators to be sent',
      () => {
        const found = new Set(client.records.map(({ type }) => type))
        return found.has('bar') && found.has('indicators') ? found : undefined
      },
      PATIENCE,
    )
    await client.stop()
    expect([...types].filter((type) => type !== 'patterns')).toEqual(['bar', 'indicators'])
    expect(client.records.find(({ type }) => type === 'bar')).toMatchObject({
      symbol: 'SOCKET',
      close: '7',
      revision: 1,
    })
  })

  it('closes a quiet minute by its schedule, without another tick', async () => {
    await system().deployed.put('QUIET', tick('QUIET', 7, minutesAgo(3)))
    const [bar] = await system().deployed.barsOf('QUIET', 1)
    expect(bar).toMatchObject({ open: '7', trade_count: '1' })
  })
  return () => recorded
}
