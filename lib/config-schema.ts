import * as z from 'zod'

import { DEFAULT_PREFIX } from '../functions/shared/runtime/deployment-name.ts'
import { parseVenues } from '../feed/venues/parse-venue.ts'
import { symbolMatcher } from '../functions/aggregator/symbol-matcher.ts'
import { DEFAULT_INDICATORS } from '../functions/domain/indicators/table.ts'
import { DEFAULT_PATTERNS } from '../functions/domain/patterns/table.ts'
import { analysisFields } from '../functions/shared/runtime/analysis-fields.ts'
import { textReadBy } from '../functions/shared/runtime/text-read-by.ts'
import { parseTradingHours } from '../functions/shared/runtime/trading-hours.ts'

/** `local`: one machine or an emulator, the database is outside the stack. `dev` and `prod`: AWS. */
export const stageSchema = z.enum(['local', 'dev', 'prod'], 'allowed is local, dev or prod')

type Stage = z.infer<typeof stageSchema>

const PREFIX =
  'allowed are up to 20 lower case letters and digits, beginning with a letter, with single hyphens in between'
const TAGS = 'allowed are texts by name, as {"cost-center":"1234"} in cdk.json or cost-center=1234,owner=desk'
/** Retentions of CloudWatch Logs, in days. */
const LOG_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]
const WEB_ACL = 'allowed is none, own, or the ARN of a web ACL of WAF of the scope REGIONAL'
const KEY =
  'allowed is aws, own, or the ARN of a key of KMS, as arn:aws:kms:eu-central-1:123456789012:key/1234abcd-...'
const EGRESS =
  'allowed are ids of prefix lists and ranges of addresses, with commas between them, as pl-6ea54007,10.20.0.0/16'
const ZONES = 'allowed are the names of two zones with a comma between them, as eu-central-1a,eu-central-1c'

/** The settings of each stage, `stages` in the context of cdk.json. */
export const stagesSchema = z.strictObject({
  local: z.record(z.string(), z.unknown()).default({}),
  dev: z.record(z.string(), z.unknown()).default({}),
  prod: z.record(z.string(), z.unknown()).default({}),
})

/**
 * Everything that may differ between deployments, read from CDK context: lasting settings from the section of the stage in
 * `cdk.json`, settings of one deployment from `-c key=value`. Each key has its unit and its default here; defaults that
 * differ between stages are in `STAGE_DEFAULTS`.
 */
export const configSchema = z.strictObject({
  /** Where the system runs. */
  stage: stageSchema,
  /**
   * AWS region; the stages `dev` and `prod` want one.
   * @default the environment variable AWS_REGION
   */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'allowed is the name of a region, as eu-central-1')
    .optional(),

  /**
   * AWS: what every name begins with, before the stage. Each deployment of a stage in an account and region has its own.
   * @default tickstock
   */
  prefix: z
    .string()
    .max(20, PREFIX)
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, PREFIX)
    .default(DEFAULT_PREFIX),
  /**
   * AWS: tags of the stack and of all its resources, an object in `cdk.json` or `key=value,key=value`.
   * @default none
   */
  tags: textOrTags().default({}),
  /**
   * AWS: the permissions boundary of every role that the stack makes, the ARN of a policy.
   * @default none
   */
  permissionsBoundary: z
    .string()
    .regex(
      /^arn:aws[\w-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/,
      'allowed is the ARN of a policy, as arn:aws:iam::123456789012:policy/boundary',
    )
    .optional(),

  /**
   * `low` invokes a function as soon as Lambda, which reads a shard once a second, finds a record; `economy` batches records for
   * up to 5 s, for a fraction of the invocations and table writes. `lowest`, on AWS: Kinesis pushes records (enhanced fan-out),
   * for a price per shard and consumer.
   * @default low; economy in `dev`
   */
  latency: z.enum(['lowest', 'low', 'economy']).default('low'),
  /**
   * How much older than the newest trade of its symbol a trade may be and still correct its bar, in seconds.
   * @default 120
   */
  latenessSeconds: wholeNumber({ min: 0, max: 3600 }).default(120),
  /**
   * How long no trade must have arrived before the clock closes the open bar of a past minute, in milliseconds.
   * @default 2000
   */
  graceMs: wholeNumber({ min: 0, max: 30_000 }).default(2000),
  /**
   * Symbols whose prices may be zero or below: `*` stands for any characters, commas between them, as `CL*,NG*`. Of any
   * other symbol such a price is rejected.
   * @default none
   */
  nonPositivePrices: textReadBy(symbolMatcher).default(''),

  /**
   * Which indicators run, with their parameters; `docs/indicators.md` lists them.
   * @default all, with the usual parameters
   */
  indicators: analysisFields.indicators.default(DEFAULT_INDICATORS),
  /**
   * Which candlestick patterns are searched for; `docs/patterns.md` lists them.
   * @default all
   */
  patterns: analysisFields.patterns.default(DEFAULT_PATTERNS),
  /**
   * When a day of the vwap begins: a time zone and a time of day.
   * @default America/New_York 00:00
   */
  vwapAnchor: analysisFields.vwapAnchor.default('America/New_York 00:00'),

  /**
   * `provisioned` pays per shard and hour; `on-demand` per GB, and scales automatically.
   * @default provisioned
   */
  streamMode: z.enum(['provisioned', 'on-demand']).default('provisioned'),
  /**
   * Shards of the stream `ticks` when provisioned; one takes 1 MB or 1,000 records a second. A deployment may at most
   * double them, or halve them; Kinesis refuses more at once.
   * @default 2
   */
  tickShards: wholeNumber({ min: 1, max: 500 }).default(2),
  /**
   * Shards of the stream `bars` when provisioned.
   * @default 1
   */
  barShards: wholeNumber({ min: 1, max: 500 }).default(1),
  /**
   * Shards of the stream `signals` when provisioned.
   * @default 1
   */
  signalShards: wholeNumber({ min: 1, max: 500 }).default(1),
  /**
   * How long the streams keep a record, in hours: the time to repair a failure. Above 24 costs extra.
   * @default 24
   */
  streamRetentionHours: wholeNumber({ min: 24, max: 8760 }).default(24),
  /**
   * Retries of a failing record by the aggregator and the analytics, before it is dead-lettered and its shard continues.
   * An unavailable DynamoDB and a flag turned off fail every record, and count: so set it only while a record blocks its
   * shard. The bar-writer retries until maxRecordAgeHours in any case: its database may be unavailable for long.
   * @default none: until maxRecordAgeHours
   */
  maxRetries: wholeNumber({ min: 1, max: 10_000 }).optional(),
  /**
   * Age at which a record that cannot be processed is dead-lettered, in hours.
   * @default an hour less than streamRetentionHours, at the most 168 (Lambda's limit)
   */
  maxRecordAgeHours: wholeNumber({ min: 1, max: 168 }).optional(),
  /**
   * Instances of the bar-writer that may run at once, each with one connection to the database: at least one for each of the
   * `barShards` and `signalShards`; 0 reserves nothing.
   * A new AWS account, whose limit is 10 in all, refuses any reservation.
   * @default 0; 20 in `prod`
   */
  barWriterConcurrency: wholeNumber({ min: 0, max: 500 }).default(0),
  /**
   * Instances of the API that may run at once, each with one connection to the database; 0 reserves nothing.
   * @default 0; 10 in `local`; 50 in `prod`
   */
  apiConcurrency: wholeNumber({ min: 0, max: 150 }).default(0),

  /**
   * How long bars are kept in the database, in days.
   * @default 3650
   */
  barRetentionDays: wholeNumber({ min: 1, max: 36_500 }).default(3650),
  /**
   * Days for which partitions are made ahead.
   * @default 14
   */
  partitionDaysAhead: wholeNumber({ min: 1, max: 366 }).default(14),
  /**
   * How long the dead-letter bucket keeps what was rejected, in days.
   * @default 90
   */
  deadLetterDays: wholeNumber({ min: 1, max: 3650 }).default(90),

  /**
   * The archiver, which writes every trade to Parquet objects in a bucket of its own; `off` leaves both out.
   * @default on
   */
  archive: onOff().default('on'),
  /**
   * How long the archiver batches trades, in seconds: the longer, the fewer and larger its objects. Lambda calls it earlier
   * when 10,000 records or 6 MB have come.
   * @default 60; 10 in `local`
   */
  archiveWindowSeconds: wholeNumber({ min: 0, max: 300 }).default(60),
  /**
   * Whether the small objects of an hour of the archive are merged into one, an hour after the last of them.
   * @default on
   */
  archiveCompaction: onOff().default('on'),
  /**
   * Days after which S3 moves an object of the archive to Glacier Instant Retrieval, where storage costs a sixth and reading
   * more; 0 never.
   * @default 0
   */
  archiveGlacierDays: wholeNumber({ min: 0, max: 36_500 }).default(0),
  /**
   * Days after which an object of the archive is deleted; 0 never.
   * @default 0
   */
  archiveDays: wholeNumber({ min: 0, max: 36_500 }).default(0),
  /**
   * Tasks of jobs that run at the same time, of all jobs together: each is a call of the rebuilder.
   * @default 2
   */
  jobConcurrency: wholeNumber({ min: 1, max: 20 }).default(2),

  /**
   * AWS: an existing network to run in, in place of one of the stack; with `subnets`. docs/own-account.md says what it must have.
   * To be set before the first deployment.
   * @default none
   */
  vpcId: z
    .string()
    .regex(/^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/, 'allowed is the id of a VPC, as vpc-0123456789abcdef0')
    .optional(),
  /**
   * AWS, with `vpcId`: its private subnets for functions and database, each in a zone of its own, with commas between them or
   * as a list in `cdk.json`.
   * @default none
   */
  subnets: subnetIds(2).optional(),
  /**
   * AWS, with `vpcId`: its subnets for the feed of `venues`, one for each of the `venueCopies`, with a way to the internet.
   * @default none
   */
  venueSubnets: subnetIds(1).optional(),
  /**
   * AWS: where functions in the network may connect to by HTTPS: prefix lists and ranges of addresses, with commas between them
   * or as a list in `cdk.json`.
   * @default wherever the network has a route
   */
  egress: listOf(/^(pl-[0-9a-f]{8,17}|\d{1,3}(\.\d{1,3}){3}\/\d{1,2})$/, EGRESS).optional(),
  /**
   * AWS: the key of KMS that encrypts data at rest. `aws`: those of AWS. `own`: one that the stack makes, and that KMS rotates each
   * year. Or the ARN of one that exists. To be set before the first deployment.
   * @default aws
   */
  encryptionKey: z
    .union(
      [z.enum(['aws', 'own']), z.string().regex(/^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/, KEY)],
      KEY,
    )
    .default('aws'),

  /**
   * AWS: turns on what a review of a bank asks for, and refuses settings that weaken it; docs/regulated.md lists both.
   * @default off
   */
  regulated: onOff().default('off'),
  /**
   * AWS: days for which logs are kept, one of those that CloudWatch has.
   * @default 30; 365 with `regulated`
   */
  logDays: wholeNumber({ min: 1, max: 3653 })
    .refine((days) => LOG_DAYS.includes(days), `allowed is one of ${LOG_DAYS.join(', ')}`)
    .default(30),
  /**
   * AWS: whether the access logs of the APIs have the addresses of clients.
   * @default on; off with `regulated`
   */
  clientAddresses: onOff().default('on'),
  /**
   * AWS: connections of the networks of the stack that are logged: those `rejected`, or `all`.
   * @default rejected; all with `regulated`
   */
  flowLogs: z.enum(['rejected', 'all']).default('rejected'),
  /**
   * AWS: the default security group of the networks of the stack, in which nothing is: `open` among its members, as AWS makes it, or
   * `closed`, by a function of the CDK.
   * @default open; closed with `regulated`
   */
  defaultSecurityGroup: z.enum(['open', 'closed']).default('open'),
  /**
   * AWS: days for which the archive and the dead-letter bucket keep what was overwritten or deleted; 0 keeps none.
   * @default 0; 30 with `regulated`
   */
  bucketVersionDays: wholeNumber({ min: 0, max: 36_500 }).default(0),
  /**
   * AWS: days for which nobody can delete an object of the archive (S3 Object Lock); 0 locks none. Wants `bucketVersionDays`.
   * @default 0; 365 with `regulated`
   */
  objectLockDays: wholeNumber({ min: 0, max: 36_500 }).default(0),
  /**
   * AWS: `governance`: whoever has `s3:BypassGovernanceRetention` may delete locked objects all the same. `compliance`: nobody, not
   * the root of the account either.
   * @default governance
   */
  objectLockMode: z.enum(['governance', 'compliance']).default('governance'),
  /**
   * AWS: the domain of the REST API, with TLS 1.2 or later, which its owner lets lead to the output ApiHost.
   * @default one of API Gateway's
   */
  apiDomain: domain().optional(),
  /**
   * AWS: the domain of the WebSocket API, with TLS 1.2 or later, which its owner lets lead to the output WebSocketHost.
   * @default one of API Gateway's
   */
  webSocketDomain: domain().optional(),
  /**
   * AWS: the certificate of `apiDomain` and `webSocketDomain`, in the region of the deployment.
   * @default none
   */
  apiCertificateArn: z
    .string()
    .regex(
      /^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/,
      'allowed is the ARN of a certificate of ACM',
    )
    .optional(),
  /**
   * AWS: the web ACL of WAF before the REST API: `none`, `own` for one of the stack with rules that AWS keeps and a rate by address,
   * or the ARN of one of the scope REGIONAL.
   * @default none; own with `regulated`
   */
  apiWebAcl: z
    .union(
      [
        z.enum(['none', 'own']),
        z.string().regex(/^arn:aws[\w-]*:wafv2:[\w-]+:\d{12}:regional\/webacl\/[\w-]+\/[\w-]+$/, WEB_ACL),
      ],
      WEB_ACL,
    )
    .default('none'),
  /**
   * AWS: a code signing configuration of Lambda, which says whose code the functions may run.
   * @default none
   */
  codeSigningConfigArn: z
    .string()
    .regex(
      /^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:code-signing-config:csc-[a-z0-9]{17}$/,
      'allowed is the ARN of a code signing configuration of Lambda',
    )
    .optional(),

  /**
   * AWS, with `vpcId`: an existing Postgres, by the ARN of the secret of its owner, in place of one of the stack; with
   * `databaseHost`. docs/own-account.md says what it must have.
   * @default none
   */
  databaseSecretArn: secretArn().optional(),
  /**
   * AWS, with `databaseSecretArn`: a security group of that database, to which the stack adds that its functions may connect.
   * @default none: whoever owns it lets them in
   */
  databaseSecurityGroup: z
    .string()
    .regex(
      /^sg-([0-9a-f]{8}|[0-9a-f]{17})$/,
      'allowed is the id of a security group, as sg-0123456789abcdef0',
    )
    .optional(),
  /**
   * AWS, with `databaseSecretArn`: who has signed the certificate of that database: `rds`, as of RDS and Aurora, or `public`, one
   * of those that Node.js trusts.
   * @default rds
   */
  databaseAuthority: z.enum(['rds', 'public']).default('rds'),
  /**
   * Stage `local`, or with `databaseSecretArn`: host of the database, as the functions reach it.
   * @default 127.0.0.1 in `local`
   */
  databaseHost: z.string().min(1).default('127.0.0.1'),
  /**
   * Stage `local`, or with `databaseSecretArn`: port of the database.
   * @default 5432
   */
  databasePort: wholeNumber({ min: 1, max: 65_535 }).default(5432),
  /**
   * Name of the database.
   * @default tickstock
   */
  databaseName: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,62}$/, 'allowed are a letter and up to 62 letters, digits or _, in lower case')
    .default('tickstock'),
  /**
   * AWS: class of the database instance without the prefix `db.`, one of those on Graviton that RDS has for Postgres 18.
   * @default t4g.micro; m7g.large in `prod`
   */
  databaseInstance: z
    .string()
    .regex(
      /^(t4g\.(micro|small|medium|large|2?xlarge)|([mr][67]gd?|[mr]8gd?|x[28]g)\.(large|(2|4|8|12|16)?xlarge))$/,
      'allowed is a Graviton class, as t4g.micro, m7g.large or r8g.2xlarge',
    )
    .default('t4g.micro'),
  /**
   * AWS: storage of the database, in GiB; RDS extends it up to four times that.
   * @default 20; 100 in `prod`
   */
  databaseStorageGib: wholeNumber({ min: 20, max: 16_384 }).default(20),
  /**
   * AWS: `multi` keeps a standby in a second availability zone, at twice the price of the instance.
   * @default single; multi in `prod`
   */
  databaseZones: z.enum(['single', 'multi']).default('single'),
  /**
   * AWS: the two availability zones of the network, with a comma between them or as a list in `cdk.json`: where the region's first
   * two lack `databaseInstance`, or Lambda in a network. To be set before the first deployment.
   * @default the first two of the region
   */
  zones: z
    .union([z.tuple([z.string(), z.string()]).transform((names) => names.join(',')), z.string()], ZONES)
    .pipe(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z](-\w+)?,[a-z]{2}(-[a-z]+)+-\d[a-z](-\w+)?$/, ZONES))
    .optional(),
  /**
   * AWS: days of backups to restore from, to the second; 0 keeps none.
   * @default 1; 14 in `prod`
   */
  backupDays: wholeNumber({ min: 0, max: 35 }).default(1),
  /**
   * AWS: connections through RDS Proxy. The bar-writer holds one per instance, so it pays only with many readers. It costs 0.015
   * dollars an hour for each processor of `databaseInstance`, at least two.
   * @default off
   */
  databaseProxy: onOff().default('off'),
  /**
   * AWS: days after which each password of the database is changed; 0 never.
   * @default 30
   */
  rotationDays: wholeNumber({ min: 0, max: 365 }).default(30),

  /**
   * Who may use the APIs. `keys`: programs, with API keys that API Gateway itself checks. `people`: people too, who sign in
   * with OpenID Connect; a function decides for each request, and keys are stored as hashes. On AWS, `people` adds the
   * dashboard, behind CloudFront, and a user pool of Cognito unless `oidcIssuer` names another issuer.
   * @default keys
   */
  access: z.enum(['keys', 'people']).default('keys'),
  /**
   * `access: people`: the OpenID Connect issuer that signs people in, exactly as its tokens spell it in `iss`.
   * @default a user pool of Cognito; stage `local` wants one
   */
  oidcIssuer: z
    .string()
    .regex(
      /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)(:|\/|$))[^\s?#]*$/,
      'allowed is an https address without ? and #, as https://login.example.com/realms/desk',
    )
    .optional(),
  /**
   * `access: people`: the client id that TickStock's page has at `oidcIssuer`; tokens for other clients are refused.
   * @default that of the user pool
   */
  oidcClientId: z.string().regex(/^\S+$/, 'allowed is a text without spaces').optional(),
  /**
   * `access: people`: the claim of `oidcIssuer` with the groups of a person, of which `viewer` and `operator` count.
   * @default groups
   */
  oidcGroupsClaim: z.string().min(1).default('groups'),
  /**
   * `access: people`: what the dashboard asks `oidcIssuer` for, with spaces in between; some want a scope for the groups.
   * @default openid email
   */
  oidcScope: z
    .string()
    .regex(/^openid( \S+)*$/, 'allowed is openid, and other scopes with one space before each')
    .default('openid email'),
  /**
   * AWS, `access: people`: the domain of the dashboard, which its owner lets lead to the output DashboardHost.
   * @default one of CloudFront's
   */
  dashboardDomain: domain().optional(),
  /**
   * AWS: the certificate of `dashboardDomain`, in us-east-1, where CloudFront looks for it.
   * @default none
   */
  dashboardCertificateArn: z
    .string()
    .regex(
      /^arn:aws[\w-]*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/,
      'allowed is the ARN of a certificate of ACM in us-east-1',
    )
    .optional(),
  /**
   * AWS, `access: people`: a web ACL of WAF before the dashboard, of the scope CLOUDFRONT.
   * @default none
   */
  dashboardWebAclArn: z
    .string()
    .regex(
      /^arn:aws[\w-]*:wafv2:us-east-1:\d{12}:global\/webacl\/[\w-]+\/[\w-]+$/,
      'allowed is the ARN of a web ACL of WAF of the scope CLOUDFRONT, which is in us-east-1',
    )
    .optional(),
  /**
   * Requests per second that one API key may make; all keys together ten times that.
   * @default 50
   */
  apiRate: wholeNumber({ min: 1, max: 1000 }).default(50),
  /**
   * Requests that one API key may make at once, above its rate.
   * @default 100
   */
  apiBurst: wholeNumber({ min: 1, max: 500 }).default(100),
  /**
   * Requests that one API key may make in a day, UTC; 0 sets no limit.
   * @default 0
   */
  apiDailyQuota: wholeNumber({ min: 0, max: 100_000_000 }).default(0),
  /**
   * Origins whose pages may call the API from a browser, with commas between them; `*` for all.
   * @default none
   */
  corsOrigins: z
    .string()
    .regex(
      /^(|\*|https?:\/\/[^\s,/]+(,https?:\/\/[^\s,/]+)*)$/,
      'allowed is *, or origins as https://app.example.com with commas between them',
    )
    .default(''),

  /**
   * The WebSocket API and the broadcaster behind it; `off` leaves both out.
   * @default on
   */
  websocket: onOff().default('on'),
  /**
   * The broadcaster reads `ticks` too, and sends prices of the forming bar to the WebSocket clients that ask for them; `off`
   * leaves out the event source mapping and the flag `live-ticks`.
   * @default on; off in `prod`
   */
  liveTicks: onOff().default('on'),

  /**
   * AWS: refuses to delete stack and database, and keeps streams, tables and bucket when the stack is deleted.
   * @default off; on in `prod`
   */
  deletionProtection: onOff().default('off'),
  /**
   * AWS: new code gets a tenth of the invocations for five minutes and is rolled back when its function is in
   * alarm.
   * @default off; on in `prod`
   */
  canary: onOff().default('off'),
  /**
   * AWS: traces in X-Ray: the first invocation of each second and 5 % of the others.
   * @default on; off in `dev`
   */
  tracing: onOff().default('on'),
  /**
   * AWS: address that gets the alarms, after its owner has confirmed a mail of AWS.
   * @default none: alarms show in the console only
   */
  alarmEmail: z.email('allowed is one e-mail address').optional(),
  /**
   * Hours in which trades are expected, Mondays to Fridays there: a time zone and `HH:MM-HH:MM`, as
   * `America/New_York 09:30-16:00`; without a time zone UTC. `always` for venues that never close; `off` for no alarm on
   * missing trades. Outside the hours `/v1/health` is `closed` rather than `unhealthy`.
   * @default off; always in `prod`
   */
  tradingHours: textReadBy(parseTradingHours).default('off'),
  /**
   * AWS: a function that puts a minute of synthetic trades each minute, to see the system work without a feed.
   * @default off
   */
  syntheticFeed: onOff().default('off'),
  /**
   * Symbols of the synthetic feed.
   * @default 70
   */
  syntheticSymbols: wholeNumber({ min: 1, max: 10_000 }).default(70),

  /**
   * AWS: venues that a Fargate service feeds from, `NAME` or `NAME=SYMBOL,SYMBOL`, several as a list in `cdk.json` or with
   * spaces between them; `docs/venues.md` lists them.
   * @default none: no service
   */
  venues: z
    .union([z.array(z.string()).transform((names) => names.join(' ')), z.string()])
    .pipe(textReadBy(parseVenues))
    .default(''),
  /**
   * AWS: feeds of the venues that run side by side, each in a zone of its own; each trade counts once. Venues that allow an
   * account one connection (Alpaca, Massive) want 1.
   * @default 1
   */
  venueCopies: wholeNumber({ min: 1, max: 2 }).default(1),
  /**
   * AWS: the secret with the keys of the venues, JSON by the names of their variables, as `{"APCA_API_KEY_ID":"..."}`.
   * @default none
   */
  venueKeysSecretArn: secretArn().optional(),
})

/** Keys that have a new name; the old one is refused. */
export const RENAMED_KEYS: Readonly<Record<string, keyof typeof configSchema.shape>> = {
  session: 'tradingHours',
  vwapSession: 'vwapAnchor',
}

/** The defaults of a stage that differ from the schema's. */
export const STAGE_DEFAULTS: Readonly<Record<Stage, Partial<z.input<typeof configSchema>>>> = {
  local: { apiConcurrency: 10, archiveWindowSeconds: 10 },
  dev: { latency: 'economy', tickShards: 1, tracing: 'off' },
  prod: {
    barWriterConcurrency: 20,
    apiConcurrency: 50,
    databaseInstance: 'm7g.large',
    databaseStorageGib: 100,
    databaseZones: 'multi',
    backupDays: 14,
    deletionProtection: 'on',
    canary: 'on',
    tradingHours: 'always',
    liveTicks: 'off',
  },
}

/** What `regulated` sets where the config does not. */
export const REGULATED_DEFAULTS = {
  encryptionKey: 'own',
  logDays: 365,
  clientAddresses: 'off',
  flowLogs: 'all',
  defaultSecurityGroup: 'closed',
  bucketVersionDays: 30,
  objectLockDays: 365,
  apiWebAcl: 'own',
  databaseZones: 'multi',
  backupDays: 35,
  deletionProtection: 'on',
} as const satisfies Partial<z.input<typeof configSchema>>

/** A whole number; on the command line (`-c key=value`) it comes as text. */
function wholeNumber({ min, max }: { readonly min: number; readonly max: number }) {
  const allowed = `allowed is a whole number from ${min} to ${max}`
  return z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], allowed)
    .pipe(z.int(allowed).min(min, allowed).max(max, allowed))
}

/** A list in `cdk.json`, or a text with commas between its items, which it becomes. */
function listOf(item: RegExp, allowed: string) {
  return z
    .union([z.string().transform((text) => text.split(',')), z.array(z.string(), allowed)], allowed)
    .transform((all) => all.map((each) => each.trim()))
    .refine((all) => all.length > 0 && all.every((each) => item.test(each)), allowed)
    .transform((all) => all.join(','))
}

function subnetIds(least: number) {
  return listOf(
    /^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/,
    `allowed are ids of ${least} subnets or more, with commas between them, as subnet-0123456789abcdef0`,
  )
}

function domain() {
  return z
    .string()
    .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, 'allowed is a domain, as desk.example.com')
}

function secretArn() {
  return z
    .string()
    .regex(
      /^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@!-]+-[A-Za-z0-9]{6}$/,
      'allowed is the whole ARN of a secret, with the six characters at its end',
    )
}

/** Tags as an object, or as `key=value` with commas between them. */
function textOrTags() {
  return z.union(
    [
      z.record(z.string(), z.string()),
      z
        .string()
        .regex(/^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$/, TAGS)
        .transform((text) =>
          Object.fromEntries(
            text
              .split(',')
              .map((each) => [
                each.slice(0, each.indexOf('=')).trim(),
                each.slice(each.indexOf('=') + 1).trim(),
              ]),
          ),
        ),
    ],
    TAGS,
  )
}

function onOff() {
  return z.enum(['on', 'off'])
}
