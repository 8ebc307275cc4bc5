import { expect, it } from 'vitest'

import { deployedFlags } from '../../bin/stage/flags.ts'
import { FLAG_AGE_SECONDS } from '../../functions/shared/runtime/feature-flags.ts'
import { eventually } from '../support/eventually.ts'
import { PATIENCE } from './deployed.ts'
import { needs } from './needs.ts'
import { minutesAgo, tick } from './ticks.ts'
import type { System } from './system.ts'
import { whileFailing } from './while-failing.ts'

const AGGREGATOR = 'tickstock-local-aggregator'

/** What goes wrong costs nothing but itself. */
export function describeFaults(system: () => System): void {
  it('rejects a poison record into the dead-letter bucket, and its neighbours become a bar', async () => {
    const minute = minutesAgo(5)
    const poison = '{"symbol":"POISON","price":'
    await system().deployed.put(
      'POISON',
      tick('POISON', 1, minute),
      poison,
      tick('POISON', 3, minute + 1),
      tick('POISON', 4, minute + 60),
    )
    const [bar] = await system().deployed.barsOf('POISON', 1)
    expect(bar).toMatchObject({ open: '1', close: '3', trade_count: '2', revision: '1' })
    const rejected = await system().deployed.deadLetters(`rejected/${system().deployed.names.TicksStream}/`)
    expect(rejected.map((line): unknown => JSON.parse(line))).toEqual([
      expect.objectContaining({ reason: 'not-json', payload: poison }),
    ])
  })

  it('leaves ticks on the stream while the aggregation is off, and loses none', async (context) => {
    needs('partial batch responses', system().endpoint, context)
    const flags = deployedFlags('local', system().endpoint.environment)
    const minute = minutesAgo(5)
    await flags.set('aggregation', 'off')
    try {
      const heard = Date.now() + (FLAG_AGE_SECONDS + 1) * 1000
      await eventually('every instance of the function to read the flag again', () => Date.now() > heard)
      const put = Date.now()
      await system().deployed.put('WAITING', tick('WAITING', 1, minute), tick('WAITING', 2, minute + 60))
      const repeated = async (): Promise<boolean> =>
        (await system().deployed.invocations(AGGREGATOR, put)) > 2
      await eventually('the ticks to be delivered several times', repeated, PATIENCE)
      expect(await system().deployed.bars('WAITING')).toEqual([])
    } finally {
      await flags.set('aggregation', 'on')
    }
    expect((await system().deployed.barsOf('WAITING', 1))[0]).toMatchObject({
      open: '1',
      trade_count: '1',
      revision: '1',
    })
  })

  it('puts the payload of a batch that keeps failing into the dead-letter bucket after its retries', async (context) => {
    needs('bounded retries', system().endpoint, context)
    const failing = tick('FAILING', 1, minutesAgo(5))
    const aggregator = { name: AGGREGATOR, variable: 'LATENESS_SECONDS', retries: 2 }
    await whileFailing(system().deployed.lambda, aggregator, async () => {
      await system().deployed.put('FAILING', failing)
      const [given] = await eventually(
        'the payload of the failing batch',
        async () => {
          const objects = await system().deployed.deadLetters('aws/lambda/')
          const withTick = objects.filter((text) => text.includes(Buffer.from(failing).toString('base64')))
          return withTick.length > 0 ? withTick : undefined
        },
        PATIENCE,
      )
      expect(JSON.parse(given ?? '')).toMatchObject({
        requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 },
      })
    })
  })
}
