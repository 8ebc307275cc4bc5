import { describe, expect, it } from 'vitest'

import { type Grant, grantsByFunction } from '../support/grants.ts'
import { ALERTS_ON, LOCAL_ALERTS_ON } from '../support/stage-settings.ts'
import { templateOf } from '../support/template.ts'

const READ_STREAM = [
  'kinesis:DescribeStreamSummary',
  'kinesis:GetRecords',
  'kinesis:GetShardIterator',
  'kinesis:ListShards',
  'kinesis:SubscribeToShard',
  'kinesis:DescribeStream',
  'kinesis:ListStreams',
  'kinesis:DescribeStreamConsumer',
]
const READ_SECRET = ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret']
const ROTATE_SECRET = [
  ...READ_SECRET,
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
]
const GIVE_UP = { 'DeadLetters/aws/lambda/*': ['s3:PutObject'], DeadLetters: ['s3:ListBucket'] }

/** The whole of what each function may do: the table "may touch" of the design. */
const MAY_TOUCH: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  aggregator: {
    MinuteState: ['dynamodb:BatchGetItem', 'dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate'],
    StreamsTicks: READ_STREAM,
    StreamsBars: ['kinesis:PutRecords'],
    Flagsaggregation: ['ssm:GetParameters'],
    Flagslatecorrections: ['ssm:GetParameters'],
    'DeadLetters/rejected/*': ['s3:PutObject'],
    ...GIVE_UP,
  },
  sweeper: {
    MinuteState: ['dynamodb:Scan', 'dynamodb:BatchGetItem', 'dynamodb:PartiQLUpdate'],
    StreamsBars: ['kinesis:PutRecords'],
    Flagsaggregation: ['ssm:GetParameters'],
  },
  archiver: {
    'Archive/ticks/*': ['s3:PutObject'],
    StreamsTicks: READ_STREAM,
    Flagsarchive: ['ssm:GetParameters'],
    ...GIVE_UP,
  },
  compactor: {
    Archive: ['s3:ListBucket'],
    'Archive/ticks/*': ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
  },
  rebuilder: {
    Archive: ['s3:ListBucket'],
    'Archive/ticks/*': ['s3:GetObject'],
    Exports: ['s3:ListBucket'],
    'Exports/exports/*': ['s3:PutObject', 's3:GetObject'],
    DatabaseReadAttachment: READ_SECRET,
    StreamsBars: ['kinesis:PutRecords'],
    StreamsSignals: ['kinesis:PutRecords'],
    IndicatorState: ['dynamodb:BatchGetItem', 'dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate'],
  },
  // It starts the rebuilder, and itself when a job is submitted, by name; reads exports for the links that it signs.
  jobs: {
    'Exports/exports/*': ['s3:GetObject'],
    JobsTable: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
    'function:tickstock-STAGE-rebuilder': ['lambda:InvokeFunction'],
    'function:tickstock-STAGE-jobs': ['lambda:InvokeFunction'],
  },
  // It publishes to one topic, and starts itself when a rule has fired, by name; no network, no secret.
  alerter: {
    AlerterTable: [
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:Query',
    ],
    AlerterTopic: ['sns:Publish'],
    'function:tickstock-STAGE-alerter': ['lambda:InvokeFunction'],
    StreamsBars: READ_STREAM,
    StreamsSignals: READ_STREAM,
    ...GIVE_UP,
  },
  analytics: {
    IndicatorState: ['dynamodb:BatchGetItem', 'dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate'],
    StreamsBars: READ_STREAM,
    StreamsSignals: ['kinesis:PutRecords'],
    Flagsanalytics: ['ssm:GetParameters'],
    ...GIVE_UP,
  },
  'bar-writer': {
    DatabaseWriteAttachment: READ_SECRET,
    StreamsBars: READ_STREAM,
    StreamsSignals: READ_STREAM,
    'DeadLetters/rejected/*': ['s3:PutObject'],
    ...GIVE_UP,
  },
  broadcaster: {
    BroadcasterConnections: [
      'dynamodb:Scan',
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
    ],
    BroadcasterSubscribers: ['dynamodb:Scan', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
    'BroadcasterWebSocketApi/STAGE/POST/@connections/*': ['execute-api:ManageConnections'],
    'BroadcasterWebSocketApi/STAGE/DELETE/@connections/*': ['execute-api:ManageConnections'],
    StreamsBars: READ_STREAM,
    StreamsSignals: READ_STREAM,
    StreamsTicks: READ_STREAM,
    Flagsbroadcast: ['ssm:GetParameters'],
    Flagsliveticks: ['ssm:GetParameters'],
    ...GIVE_UP,
  },
  'synthetic-feed': {
    StreamsTicks: ['kinesis:PutRecords'],
  },
  migrator: {
    DatabaseOwnerAttachment: ROTATE_SECRET,
    DatabaseWriteAttachment: ROTATE_SECRET,
    DatabaseReadAttachment: ROTATE_SECRET,
  },
  // No stream, no bucket, no secret; of the tickets, it can make and use up one, and list none.
  authorizer: { AuthorizerTickets: ['dynamodb:PutItem', 'dynamodb:DeleteItem'] },
  // Puts on streams only what it takes from the dead-letter bucket; no secret.
  operator: {
    OperatorActions: ['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:DeleteItem'],
    MinuteState: ['dynamodb:BatchGetItem'],
    DeadLetters: ['s3:ListBucket'],
    'DeadLetters/*': ['s3:GetObject', 's3:DeleteObject'],
    'DeadLetters/redrive/journal.json': ['s3:PutObject'],
    StreamsTicks: ['kinesis:PutRecords'],
    StreamsBars: ['kinesis:PutRecords'],
    StreamsSignals: ['kinesis:PutRecords'],
    ...Object.fromEntries(
      ['aggregation', 'latecorrections', 'archive', 'analytics', 'broadcast', 'liveticks'].map((flag) => [
        `Flags${flag}`,
        ['ssm:GetParameters', 'ssm:PutParameter'],
      ]),
    ),
  },
  // No stream, no table, no bucket, and no secret of a role that may write.
  api: { DatabaseReadAttachment: READ_SECRET },
}

/** Actions that AWS grants on everything or not at all. */
const UNNAMED = new Map([
  ['xray:PutTraceSegments', 'traces have no names'],
  ['cloudwatch:GetMetricData', 'CloudWatch has no permissions by metric'],
  ['cloudwatch:DescribeAlarms', 'CloudWatch lists alarms of all names only'],
  ['xray:PutTelemetryRecords', 'traces have no names'],
  ['ec2:CreateNetworkInterface', 'Lambda makes the interface before it has a name'],
  ['ec2:DescribeNetworkInterfaces', 'EC2 describes without resource permissions'],
  ['ec2:DescribeSubnets', 'EC2 describes without resource permissions'],
  ['ec2:DeleteNetworkInterface', 'Lambda refuses a role that names interfaces'],
  ['ec2:AssignPrivateIpAddresses', 'Lambda refuses a role that names interfaces'],
  ['ec2:UnassignPrivateIpAddresses', 'Lambda refuses a role that names interfaces'],
])
/** The functions that run in the network of the database. */
const IN_THE_NETWORK = new Set(['bar-writer', 'migrator', 'api', 'rebuilder'])

const PEOPLE = { access: 'people', oidcIssuer: 'https://login.example.com', oidcClientId: 'desk' }
/** Copies the files of the page to their bucket when the stack is deployed. */
const PUBLISHER = 'CDK CustomCDKBucketDeployment'
const template = templateOf({
  stage: 'prod',
  syntheticFeed: 'on',
  liveTicks: 'on',
  ...ALERTS_ON,
  ...PEOPLE,
})
const grants = grantsByFunction(template)
const touches = (part: string): readonly Grant[] => grants.get(part) ?? []

function byResource(given: readonly Grant[]): Record<string, Set<string>> {
  const table: Record<string, Set<string>> = {}
  for (const { action, on } of given) {
    const name = on
      .replace(/\/(local|prod)\//, '/STAGE/')
      .replace(/-(?:local|prod)-([\w-]+)(?::live)?$/, '-STAGE-$1')
    table[name] = new Set([...(table[name] ?? []), action])
  }
  return table
}

describe('the table "may touch" of the design', () => {
  it('has a row for every function', () => {
    expect(new Set(grants.keys())).toEqual(new Set([...Object.keys(MAY_TOUCH), PUBLISHER]))
  })

  it('lets the function that publishes the page read the assets, write its files, and make CloudFront read them', () => {
    const may = touches(PUBLISHER).map(({ action, on }) => `${action.replace(/:.*/, '')} ${on}`)
    expect(new Set(may)).toEqual(
      new Set(['managed policy ', 's3 ', 's3 /*', 's3 PageFiles', 's3 PageFiles/*', 'cloudfront *']),
    )
  })

  it.each(Object.keys(MAY_TOUCH))('is the whole of what %s may do, beside its log and traces', (part) => {
    const own = touches(part).filter(({ action, on }) => on !== '*' && !action.startsWith('logs:'))
    const expected = Object.entries(MAY_TOUCH[part] ?? {}).map(([on, actions]) => [on, new Set(actions)])
    expect(byResource(own)).toEqual(Object.fromEntries(expected))
  })

  it.each(Object.keys(MAY_TOUCH))('lets %s write to its own log and no other', (part) => {
    const construct = part.replace(/(^|-)(\w)/g, (_match, _dash, letter: string) => letter.toUpperCase())
    expect(touches(part).filter(({ action }) => action.startsWith('logs:'))).toEqual([
      { action: 'logs:CreateLogStream', on: `${construct}FunctionLogs` },
      { action: 'logs:PutLogEvents', on: `${construct}FunctionLogs` },
    ])
  })

  it.each(Object.keys(MAY_TOUCH))('gives %s no wildcard but those that AWS demands', (part) => {
    const everywhere = touches(part).filter(({ on }) => on === '*')
    for (const { action } of everywhere) expect([...UNNAMED.keys()]).toContain(action)
    expect(touches(part).filter(({ action }) => action.includes('*'))).toEqual([])
    expect(everywhere.some(({ action }) => action.startsWith('ec2:'))).toBe(IN_THE_NETWORK.has(part))
  })

  it('is the same in stage local, save the database, the network, the traces and the synthetic feed', () => {
    const local = grantsByFunction(templateOf({ stage: 'local', ...LOCAL_ALERTS_ON, ...PEOPLE }))
    expect([...local.keys(), 'synthetic-feed', PUBLISHER].length).toBe(grants.size)
    const onAws = (part: string) =>
      touches(part).filter(({ action, on }) => on !== '*' && !/:(Put|Update)Secret/.test(action))
    for (const part of local.keys())
      expect(byResource(local.get(part) ?? [])).toEqual(
        byResource(onAws(part).map(({ action, on }) => ({ action, on: on.replace(/Attachment$/, '') }))),
      )
  })
})

describe('every event source mapping', () => {
  const all = Object.values(template.findResources('AWS::Lambda::EventSourceMapping'))
  const [live, mappings] = [true, false].map((isLive) =>
    all.filter(({ Properties }) => (Properties.MaximumRetryAttempts === 0) === isLive),
  )

  it('of what is sent live tries once, and drops what fails', () => {
    expect(live).toEqual([
      expect.objectContaining({
        Properties: expect.objectContaining({
          EventSourceArn: { 'Fn::GetAtt': [expect.stringMatching(/^StreamsTicks/), 'Arn'] },
          StartingPosition: 'LATEST',
          MaximumRecordAgeInSeconds: 60,
          ParallelizationFactor: 1,
        }),
      }),
    ])
    expect(JSON.stringify(live)).not.toContain('OnFailure')
    const without = templateOf({ stage: 'prod', syntheticFeed: 'on' })
    expect(Object.keys(without.findResources('AWS::Lambda::EventSourceMapping'))).toHaveLength(7)
    expect(JSON.stringify(grantsByFunction(without).get('broadcaster'))).not.toMatch(/StreamsTicks|liveticks/)
  })

  it('but that one reports single failures, halves, gives up by age into the bucket, and is sequential', () => {
    expect(mappings).toHaveLength(9)
    for (const mapping of mappings ?? [])
      expect(mapping).toMatchObject({
        Properties: {
          BisectBatchOnFunctionError: true,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ParallelizationFactor: 1,
          MaximumRecordAgeInSeconds: 82_800,
          DestinationConfig: { OnFailure: { Destination: expect.anything() } },
        },
      })
  })
})
