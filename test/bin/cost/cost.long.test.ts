import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { costReport, deploymentOf } from '../../../bin/cost/cost.ts'
import { billOf, PriceError } from '../../../bin/cost/bill.ts'
import { takeInventory } from '../../../bin/cost/inventory.ts'
import { RECORD_BYTES, usageOf } from '../../../bin/cost/usage.ts'
import { type Encoding, ENCODINGS } from '../../../feed/encode-record.ts'
import { createPublisher } from '../../../feed/publisher.ts'
import { runFeed } from '../../../feed/run-feed.ts'
import { symbolNames } from '../../../feed/symbols.ts'
import { syntheticTicks } from '../../../feed/synthetic.ts'
import { readConfig } from '../../../lib/config/read-config.ts'
import { fakeKinesis } from '../../feed/fake-kinesis.ts'
import { REGULATED } from '../../support/stage-settings.ts'
import { templateOf } from '../../support/template.ts'

const configOf = (context: Readonly<Record<string, string>>) => {
  const given: Readonly<Record<string, string>> = { stage: 'prod', region: 'us-east-1', ...context }
  return readConfig((key) => given[key])
}
const inventory = takeInventory(templateOf({ stage: 'prod' }).toJSON())
const bill = (symbols: number, ticksPerSecond: number, context: Readonly<Record<string, string>> = {}) =>
  billOf(configOf(context), { symbols, ticksPerSecond }, inventory)

const standard = costReport({}, {})

describe('docs/cost.md', () => {
  it('says what the command prints', () => {
    const page = readFileSync(new URL('../../../docs/cost.md', import.meta.url), 'utf8')
    expect(page).toContain(standard)
  })
})

describe('the command', () => {
  const stages = { prod: { databaseZones: 'single', region: 'eu-central-1' }, dev: { tickShards: 7 } }
  const shards = (report: string) => /^\| shards of `ticks` +\|.*/m.exec(report)?.[0]

  it('bills the stage as cdk.json has it, and lets the command line win', () => {
    const asSet = costReport({}, { stage: 'local', stages })
    expect(asSet).toContain('Stage prod is in eu-central-1, where prices differ.')
    expect(costReport({ databaseZones: 'single', region: 'eu-central-1' }, {})).toBe(asSet)
    expect(costReport({ databaseZones: 'multi', region: 'us-east-1' }, { stages })).toBe(standard)
    expect(shards(costReport({ stage: 'dev' }, { stages }))).toMatch(/ 7 /)
    expect(() => costReport({}, { tickShard: 2 })).toThrow('there is no key tickShard')
  })
})

describe('the bill', () => {
  it('is the sum of its services, the dearest first', () => {
    const { services, total } = bill(70, 1)
    const amounts = [...services.values()]
    expect(amounts.reduce((sum, each) => sum + each, 0)).toBeCloseTo(total)
    expect(amounts).toEqual(amounts.toSorted((a, b) => b - a))
  })

  it('counts what a hand counts: one shard is 10.95 a month, a million writes are 0.625', () => {
    const one = bill(70, 1, { tickShards: '10' }).services.get('Kinesis') ?? 0
    const other = bill(70, 1, { tickShards: '11' }).services.get('Kinesis') ?? 0
    expect(other - one).toBeCloseTo(10.95)
    // 70 a second to fold, and 70 a minute of two units each to analyse: 190 million a month; 3 million reads.
    const [writes, reads] = [70 + 2 * (70 / 60), 70 / 60]
    expect(bill(70, 1).services.get('DynamoDB')).toBeCloseTo(2.628 * (writes * 0.625 + reads * 0.125), 0)
  })

  it('counts enhanced fan-out by shard and consumer, and what it reads', () => {
    const kinesis = (latency: string) => bill(70, 1, { latency }).services.get('Kinesis') ?? 0
    // Two shards of ticks with one consumer, one of bars with three, one of signals with two; a month has 730 hours.
    const shards = 0.015 * 730 * (2 * 1 + 3 + 2)
    const seconds = 730 * 3600
    const { usage } = bill(70, 1)
    const gb = ((usage.tickBytes + (3 * usage.bars + 2 * usage.signalRecords) * 1024) * seconds) / 1e9
    expect(kinesis('lowest') - kinesis('low')).toBeCloseTo(shards + gb * 0.013, 6)
  })

  it('counts a web ACL, a year of logs and the versions of the archive, with regulated', () => {
    const regulated = {
      ...REGULATED,
      apiCertificateArn: REGULATED.apiCertificateArn.replace('eu-central-1', 'us-east-1'),
    }
    const template = templateOf({ stage: 'prod', region: 'us-east-1', ...regulated }).toJSON()
    const { services } = billOf(
      configOf(regulated),
      { symbols: 70, ticksPerSecond: 1 },
      takeInventory(template),
    )
    // The ACL, three rules, a request per second.
    expect(services.get('WAF')).toBeCloseTo(5 + 3 + 2.628 * 0.6)
    expect(services.get('KMS')).toBe(1)
    const plain = bill(70, 1).services
    expect(services.get('CloudWatch')).toBeGreaterThan(plain.get('CloudWatch') ?? 0)
    // Compaction leaves the small objects for the year of the lock: the storage of a year once more.
    const stored = (bill(70, 1).usage.archiveBytes * 24 * 3600 * 365 * 0.023) / 1e9
    expect((services.get('S3') ?? 0) - (plain.get('S3') ?? 0)).toBeCloseTo(stored)
  })

  it('counts the samples of enhanced monitoring, of both zones', () => {
    const cloudwatch = (seconds: string) =>
      bill(70, 1, { databaseMonitoringSeconds: seconds }).services.get('CloudWatch') ?? 0
    // 43,800 minutes of 6,000 bytes, twice.
    expect(cloudwatch('60') - cloudwatch('0')).toBeCloseTo((2 * 43_800 * 6000 * 0.5) / 1e9)
    expect(cloudwatch('1') - cloudwatch('0')).toBeCloseTo((60 * 2 * 43_800 * 6000 * 0.5) / 1e9)
  })

  it('counts the copies in another region: storage, the way there, and a key', () => {
    const { inventory: own } = deploymentOf({ backupRegion: 'us-west-2' }, {})
    const copied = configOf({ backupRegion: 'us-west-2' })
    const { services } = billOf(copied, { symbols: 70, ticksPerSecond: 1 }, own)
    expect(services.get('KMS')).toBe(1)
    // The archive once more: a year and a day of versions, its puts; 70 trades of 22 bytes a second go there.
    const gbOfDay = (70 * 22 * 86_400) / 1e9
    const archive = gbOfDay * 366 * 0.023 + ((2 * 60 * 730) / 1e6) * 5 + gbOfDay * (730 / 24) * 0.02
    // 2,200 bytes a symbol each hour, 14 days there and one here.
    const hourly = (70 * 2200) / 1e9
    const tables = hourly * (24 * 15 * 0.1 + 730 * 0.02)
    // The 100 GiB that it has; twice what the bars of a day take is in the log.
    const daily = (70 * 1440 * 1470) / 2 ** 30
    const database = 100 * 0.095 + daily * (730 / 24) * 2 * 0.02
    expect(services.get('Backup region')).toBeCloseTo(archive + tables + database)
    expect(bill(70, 1).services.has('Backup region')).toBe(false)
  })

  it('counts the authorizer for each request, where people sign in', () => {
    const people = { access: 'people' }
    const own = takeInventory(templateOf({ stage: 'prod', ...people }).toJSON())
    expect(own.functions).toContain('authorizer')
    const { services } = billOf(configOf(people), { symbols: 70, ticksPerSecond: 1 }, own)
    const more = (services.get('Lambda') ?? 0) - (bill(70, 1).services.get('Lambda') ?? 0)
    // 2.6 million requests, each 10 ms of 512 MB.
    expect(more).toBeCloseTo(2.628 * (0.2 + 5000 * 0.000_013_333_4), 1)
  })

  it('counts WebSocket clients by what they get, and the minutes that they are connected', () => {
    // Ten clients; a batch of each of two shards in each of five seconds of a minute, and each of it a message.
    const messages = (10 * 2 * 5 * 60 * 730) / 1e6
    const minutes = (10 * 60 * 730) / 1e6
    expect(bill(70, 1).services.get('WebSocket')).toBeCloseTo(messages * 1 + minutes * 0.25)
    // With very many symbols a message counts by its 32 KB: 10,000 bars of 240 bytes and 14,000 signals of 860.
    const large = ((10_000 * 240 + 14_000 * 860) / 32_768) * 10 * 60 * 730
    expect(bill(10_000, 1, { latency: 'economy' }).services.get('WebSocket')).toBeCloseTo(
      large / 1e6 + minutes * 0.25,
    )
  })

  it('counts the archive: what it holds after a year, and an object for each minute of a shard', () => {
    // 22 bytes for each of 70 trades a second, and 2 shards.
    const gb = (70 * 22 * 86_400 * 365) / 1e9
    const puts = (2 * 60 * 730) / 1e6
    const s3 = (context: Readonly<Record<string, string>> = {}) => bill(70, 1, context).services.get('S3')
    expect(s3()).toBeCloseTo(gb * 0.023 + puts * 5)
    expect(s3({ archiveDays: '73' })).toBeCloseTo((gb / 5) * 0.023 + puts * 5)
    expect(s3({ archiveGlacierDays: '73' })).toBeCloseTo((gb / 5) * 0.023 + ((4 * gb) / 5) * 0.004 + puts * 5)
    expect(s3({ archive: 'off' })).toBe(0)
  })

  it('has nothing of the broadcaster where there is none', () => {
    const without = takeInventory(templateOf({ stage: 'prod', websocket: 'off' }).toJSON())
    const { services, usage } = billOf(
      configOf({ websocket: 'off' }),
      { symbols: 70, ticksPerSecond: 1 },
      without,
    )
    expect(services.get('WebSocket')).toBe(0)
    expect(Object.keys(usage.functions)).not.toContain('broadcaster')
    // Four metrics of its own, seven of each of two mappings, and one for each alarm at least.
    expect((bill(70, 1).services.get('CloudWatch') ?? 0) - (services.get('CloudWatch') ?? 0)).toBeGreaterThan(
      18 * 0.3 + 7 * 0.1,
    )
  })

  it('counts the tasks of the venue feed, their addresses and the places that they write', () => {
    const venues = { venues: 'kraken=BTC/USD,ETH/USD', venueCopies: '2' }
    const own = takeInventory(templateOf({ stage: 'prod', ...venues }).toJSON())
    const { services } = billOf(configOf(venues), { symbols: 70, ticksPerSecond: 1 }, own)
    expect(services.get('Fargate')).toBeCloseTo(2 * 730 * (0.25 * 0.032_38 + 0.5 * 0.003_56 + 0.005))
    const page = readFileSync(new URL('../../../docs/cost.md', import.meta.url), 'utf8')
    expect(page).toContain(`a task costs ${((services.get('Fargate') ?? 0) / 2).toFixed(2)} a month`)
    const more = (services.get('DynamoDB') ?? 0) - (bill(70, 1).services.get('DynamoDB') ?? 0)
    expect(more).toBeCloseTo(((2 * 2 * 730 * 360) / 1e6) * 0.625)
    expect(bill(70, 1).services.has('Fargate')).toBe(false)
  })

  it('is halved for the database without a standby', () => {
    const both = bill(70, 1).services.get('RDS') ?? 0
    expect(bill(70, 1, { databaseZones: 'single' }).services.get('RDS')).toBeCloseTo(both / 2)
  })

  it('has no database and no traces in stage local, which has none', () => {
    const local = takeInventory(templateOf({ stage: 'local' }).toJSON())
    const { services } = billOf(configOf({ stage: 'local' }), { symbols: 70, ticksPerSecond: 1 }, local)
    expect(services.get('RDS')).toBe(0)
    expect(services.get('X-Ray')).toBe(0)
  })

  it('counts records that are kept longer than a week by the GB', () => {
    const kinesis = (hours: string) =>
      bill(70, 1, { streamRetentionHours: hours }).services.get('Kinesis') ?? 0
    // 70 records of 110 bytes a second, 70 bars and 98 signals of a kilobyte a minute.
    const gbOfHour = ((70 * 51.1 + (168 / 60) * 1024) * 3600) / 1e9
    expect(kinesis('168') - kinesis('24')).toBeCloseTo(4 * 730 * 0.02)
    expect(kinesis('268') - kinesis('168')).toBeCloseTo(100 * gbOfHour * 0.023)
  })

  it('has the storage that the bars of a year need, and tells when the database can grow no more', () => {
    const { storage } = bill(10_000, 100)
    expect(storage.billedGib).toBeCloseTo((10_000 * 1440 * 365 * 1470) / 2 ** 30)
    expect(storage.daysUntilFull).toBeCloseTo((400 * 2 ** 30) / (10_000 * 1440 * 1470))
    expect(bill(10_000, 100, { barRetentionDays: '10' }).storage).toMatchObject({ daysUntilFull: undefined })
    expect(bill(10_000, 100, { databaseStorageGib: '8000' }).storage.daysUntilFull).toBeGreaterThan(365)
  })

  it.each(['low', 'economy'])('grows with the load when latency is %s', (latency) => {
    const loads = [
      [70, 1],
      [100, 100],
      [10_000, 100],
    ] as const
    const totals = loads.map(([symbols, rate]) => bill(symbols, rate, { latency }).total)
    expect(totals).toEqual(totals.toSorted((a, b) => a - b))
  })

  it('has no price for an instance that is not listed', () => {
    expect(() => bill(70, 1, { databaseInstance: 'x8g.large' })).toThrow(PriceError)
    expect(() => bill(70, 1, { databaseInstance: 'x8g.large' })).toThrow(/x8g\.large; there are those of t4g/)
  })
})

describe('the usage', () => {
  it('has more shards when the configured ones are too few, and never less than configured', () => {
    const shards = (context: Readonly<Record<string, string>>, ticksPerSecond: number) =>
      usageOf(configOf(context), { symbols: 1000, ticksPerSecond }).tickShards
    expect(shards({ tickShards: '2' }, 10)).toBe(13)
    expect(shards({ tickShards: '40' }, 10)).toBe(40)
  })

  it('needs a third of the shards for compact records of a second, and no fewer for many small ones', () => {
    const shards = (encoding: Encoding, batchSeconds: number) =>
      usageOf(configOf({}), { symbols: 10_000, ticksPerSecond: 100, encoding, batchSeconds }).tickShards
    expect([shards('compact', 0.1), shards('json', 0.1)]).toEqual([125, 125])
    expect([shards('compact', 1), shards('json', 1)]).toEqual([13, 39])
  })

  it('writes each symbol once a batch, so gathering for 5 s makes a fifth', () => {
    const writes = (latency: string) =>
      usageOf(configOf({ latency }), { symbols: 600, ticksPerSecond: 1 }).stateWrites - 20
    expect(writes('low')).toBeCloseTo(600)
    expect(writes('economy')).toBeCloseTo(120)
  })

  it.each(ENCODINGS)(
    'takes records to be as long as the feed makes them in %s, within a tenth',
    async (encoding) => {
      const stream = fakeKinesis('ticks')
      const publisher = createPublisher({
        kinesis: stream.kinesis,
        stream: 'ticks',
        source: 'synthetic-feed',
        encoding,
        maxAgeMs: Infinity,
      })
      const start = Date.parse('2025-11-10T14:30:00Z')
      const { ticks } = await runFeed({
        source: syntheticTicks({
          symbols: symbolNames(50),
          seed: 1,
          intervalSeconds: 1,
          start,
          end: start + 60_000,
        }),
        publisher,
        pace: 'full-speed',
      })
      const records = stream.read()
      const bytes = records.reduce((sum, { data }) => sum + data.length, 0)
      const { frame, tick } = RECORD_BYTES[encoding]
      const expected = records.length * frame + ticks * tick
      expect(bytes / expected).toBeGreaterThan(0.9)
      expect(bytes / expected).toBeLessThan(1.1)
    },
  )
})

describe('the inventory', () => {
  it('counts the metrics of alarms, endpoint zones and secrets of the template', () => {
    expect(inventory).toMatchObject({ secrets: 3, endpointZones: 4, compositeAlarms: 14, dashboards: 1 })
    expect(inventory.functions).toContain('aggregator')
    const alarms = Object.keys(templateOf({ stage: 'prod' }).findResources('AWS::CloudWatch::Alarm')).length
    expect(inventory.alarmMetrics).toBeGreaterThan(alarms)
  })
})
