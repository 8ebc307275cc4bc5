import { describe, expect, it } from 'vitest'

import { refuseUnknownKeys } from '../../lib/config/keys.ts'
import { readConfig } from '../../lib/config/read-config.ts'
import { ConfigError } from '../../lib/config/config-error.ts'

const read = (context: Readonly<Record<string, unknown>>) => readConfig((key) => context[key])

describe('the config', () => {
  it('takes trading hours of all symbols as text, and by symbol as an object', () => {
    const hours = (tradingHours: unknown) => read({ stage: 'local', tradingHours }).tradingHours
    expect(hours('XNYS')).toBe('XNYS')
    expect(hours({ 'ES*': 'CMES', '*': 'XNYS' })).toBe('{"ES*":"CMES","*":"XNYS"}')
    expect(() => hours({ 'ES*': 'CMEX' })).toThrow(/CMEX does not tell hours/)
  })

  it('has a default for everything but the stage', () => {
    expect(read({ stage: 'local' })).toMatchObject({ latency: 'low', latenessSeconds: 120, graceMs: 2000 })
  })

  it('takes numbers as text too, as the command line gives them', () => {
    expect(read({ stage: 'local', tickShards: '4' }).tickShards).toBe(4)
  })

  it('is safe in prod and cheap in dev', () => {
    expect(read({ stage: 'prod', region: 'eu-central-1' })).toMatchObject({
      databaseZones: 'multi',
      backupDays: 14,
      deletionProtection: 'on',
      canary: 'on',
    })
    expect(read({ stage: 'dev', region: 'eu-central-1' })).toMatchObject({
      databaseInstance: 't4g.micro',
      deletionProtection: 'off',
      latency: 'economy',
    })
  })

  it('lets what is given win over the stage', () => {
    expect(read({ stage: 'prod', region: 'eu-central-1', backupDays: '35' }).backupDays).toBe(35)
  })

  it('takes the settings of the stage from cdk.json, and lets the command line win', () => {
    const stages = { dev: { tickShards: 3 }, prod: { tickShards: 8, alarmEmail: 'sre@example.com' } }
    expect(read({ stage: 'prod', region: 'eu-central-1', stages })).toMatchObject({
      tickShards: 8,
      alarmEmail: 'sre@example.com',
    })
    expect(read({ stage: 'prod', region: 'eu-central-1', stages, tickShards: '16' }).tickShards).toBe(16)
    expect(read({ stage: 'local', stages }).tickShards).toBe(2)
  })

  it('takes the region of the environment only where the stage has none of its own', () => {
    const stages = { prod: { region: 'eu-central-1' } }
    const fallback = { region: 'us-east-1' }
    expect(readConfig((key) => ({ stage: 'prod', stages })[key], fallback).region).toBe('eu-central-1')
    expect(readConfig((key) => ({ stage: 'dev', stages })[key], fallback).region).toBe('us-east-1')
  })

  it('gives up on a record an hour before the stream drops it, as late as Lambda can', () => {
    expect(read({ stage: 'local' }).maxRecordAgeHours).toBe(23)
    expect(read({ stage: 'local', streamRetentionHours: 8760 }).maxRecordAgeHours).toBe(168)
  })

  it('refuses fewer instances of the bar-writer than there are shards for it to read', () => {
    const shards = { stage: 'prod', region: 'eu-central-1', barShards: 15, signalShards: 6 }
    expect(() => read(shards)).toThrow(
      'bad configuration: barWriterConcurrency is 20: allowed is 0, or from 21 on, an instance for each of the barShards and ' +
        'signalShards, since the others would be throttled.',
    )
    expect(read({ ...shards, barWriterConcurrency: 21 }).barWriterConcurrency).toBe(21)
    expect(read({ ...shards, barWriterConcurrency: 0 }).barWriterConcurrency).toBe(0)
    expect(read({ ...shards, streamMode: 'on-demand' }).barWriterConcurrency).toBe(20)
  })

  it('takes two zones of the region, and no others', () => {
    const prod = { stage: 'prod', region: 'eu-central-1' }
    const zones = 'eu-central-1a,eu-central-1c'
    expect(read({ ...prod, zones }).zones).toBe(zones)
    expect(read({ ...prod, zones: zones.split(',') }).zones).toBe(zones)
    expect(read(prod).zones).toBeUndefined()
    const refused = (given: unknown, why: string) =>
      expect(() => read({ ...prod, zones: given })).toThrow(`bad configuration: zones is ${why}`)
    refused('eu-central-1a', '"eu-central-1a": allowed are the names of two zones')
    refused(['eu-central-1a', 'eu-central-1b', 'eu-central-1c'], '')
    refused('eu-central-1a,eu-central-1a', '"eu-central-1a,eu-central-1a": it is twice the same')
    refused(
      'eu-central-1a,eu-west-1a',
      '"eu-central-1a,eu-west-1a": eu-west-1a is not in region eu-central-1',
    )
    expect(() => read({ stage: 'local', zones })).toThrow('stage local has no network')
  })

  it('refuses enhanced fan-out where there is none', () => {
    expect(() => read({ stage: 'local', latency: 'lowest' })).toThrow(
      'bad configuration: latency is "lowest": stage local has no enhanced fan-out; allowed is low or economy.',
    )
    expect(read({ stage: 'dev', region: 'eu-central-1', latency: 'lowest' }).latency).toBe('lowest')
  })

  it('refuses more readers than the connections of the database leave them', () => {
    const small = { stage: 'prod', region: 'eu-central-1', databaseInstance: 't4g.micro' }
    expect(() => read({ ...small, apiConcurrency: 61 })).toThrow(
      'bad configuration: apiConcurrency is 61: allowed is 60 with databaseInstance t4g.micro',
    )
    expect(read({ ...small, apiConcurrency: 60 }).apiConcurrency).toBe(60)
    expect(read({ ...small, apiConcurrency: 150, databaseProxy: 'on' }).apiConcurrency).toBe(150)
    expect(read({ ...small, apiConcurrency: 150, databaseInstance: 'm7g.large' }).apiConcurrency).toBe(150)
  })

  it('names mistyped keys, and takes those of the CDK', () => {
    expect(() => refuseUnknownKeys(['stage', 'aws:cdk:bundling-stacks', '@aws-cdk/core:x'])).not.toThrow()
    expect(() => refuseUnknownKeys(['tickShard'])).toThrow(/no key tickShard; the keys are .*tickShards/)
  })

  it.each([
    [{}, /stage is not set/],
    [{ stage: 'moon' }, /stage is "moon": allowed is local, dev or prod/],
    [{ stage: 'local', tickShards: 0 }, /tickShards is 0: allowed is a whole number from 1 to 500/],
    [{ stage: 'local', graceMs: 'soon' }, /graceMs is "soon": allowed is a whole number from 0 to 30000/],
    [{ stage: 'prod' }, /region is not set: stage prod wants one; set AWS_REGION or -c region=/],
    [{ stage: 'dev', region: 'moon' }, /region is "moon": .*eu-central-1/],
    [{ stage: 'local', stages: { dev: { tickShard: 1 } } }, /no key tickShard in stages\.dev; .*tickShards/],
    [{ stage: 'local', stages: { moon: {} } }, /stages is {"moon":{}}: .*local, dev, prod/],
    [{ stage: 'local', stages: { local: { stage: 'prod' } } }, /no key stage in stages\.local/],
    [{ stage: 'local', stages: { local: { graceMs: 'soon' } } }, /graceMs is "soon"/],
    [{ stage: 'local', databaseInstance: 't9g.micro' }, /databaseInstance is "t9g.micro": .*Graviton/],
    [{ stage: 'local', databaseInstance: 'm7g.micro' }, /databaseInstance is "m7g.micro": .*Graviton/],
    [{ stage: 'local', databaseInstance: 'm5.large' }, /databaseInstance is "m5.large": .*Graviton/],
    [{ stage: 'local', alarmEmail: 'me' }, /alarmEmail is "me": .*e-mail/],
    [{ stage: 'local', alertTopic: 'on' }, /alertTopic is "on": alerts is off: set it to on too/],
    [
      { stage: 'dev', region: 'eu-central-1', alerts: 'on', alertEmails: 'ann@example.com' },
      /alertEmails is "ann@example.com": alertTopic is off: set it to on too/,
    ],
    [{ stage: 'dev', alertEmails: 'ann' }, /alertEmails is "ann": .*e-mail addresses/],
    [
      {
        stage: 'dev',
        region: 'eu-central-1',
        alerts: 'on',
        alertTopic: 'on',
        alertEmails: 'a@example.com,a@example.com',
      },
      /a@example\.com is there twice/,
    ],
    [
      { stage: 'local', alerts: 'on', alertTopic: 'on', alertEmails: 'ann@example.com' },
      /it is for AWS, and stage local is not there/,
    ],
    [{ stage: 'local', tradingHours: '9-5' }, /tradingHours is "9-5": .*America\/New_York 09:30-16:00/],
    [
      { stage: 'local', tradingHours: '21:00-21:00' },
      /tradingHours is "21:00-21:00": 21:00-21:00 begins when it ends/,
    ],
    [{ stage: 'local', maxRetries: 0 }, /maxRetries is 0: allowed is a whole number from 1 to 10000/],
    [{ stage: 'local', maxRecordAgeHours: 24 }, /maxRecordAgeHours is 24: .*streamRetentionHours \(24\)/],
    [{ stage: 'local', archiveWindowSeconds: 301 }, /archiveWindowSeconds is 301: .* from 0 to 300/],
    [
      { stage: 'local', archiveDays: 30, archiveGlacierDays: 30 },
      /archiveGlacierDays is 30: .*less than archiveDays \(30\)/,
    ],
    [{ stage: 'local', websocket: 'yes' }, /websocket is "yes": .*on.*off/],
    [{ stage: 'local', latency: 'none' }, /latency is "none": .*low.*economy/],
    [{ stage: 'local', indicators: 'sma(1)' }, /indicators is "sma\(1\)": .*whole number from 2 to 500/],
    [{ stage: 'local', patterns: 'dojo' }, /patterns is "dojo": there is no pattern "dojo"; there are doji/],
    [{ stage: 'local', session: 'off' }, /key session in the context is now named tradingHours: rename it/],
    [
      { stage: 'local', stages: { prod: { vwapSession: 'UTC 00:00' } } },
      /key vwapSession in stages\.prod is now named vwapAnchor: rename it/,
    ],
    [{ stage: 'local', vwapAnchor: 'UTC' }, /vwapAnchor is "UTC": .*America\/New_York 09:30/],
    [{ stage: 'local', vwapAnchor: 'Mars/Olympus 00:00' }, /vwapAnchor is .*Mars\/Olympus/],
  ])('%j names the key, the value and what is allowed', (context, says) => {
    expect(() => read(context)).toThrow(ConfigError)
    expect(() => read(context)).toThrow(says)
  })
})
