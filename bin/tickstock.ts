import { Command } from 'commander'

import { ALL_SYMBOLS, RECORD_TYPES } from '../functions/broadcaster/subscriptions.ts'
import { FLAG_NAMES, flagSchema } from '../functions/shared/runtime/flag-names.ts'
import { listDeadLetters, redriveDeadLetters, showDeadLetters } from './commands/dead-letters.ts'
import { feed } from './commands/feed.ts'
import { flag } from './commands/flag.ts'
import { flush } from './commands/flush.ts'
import { invoke } from './commands/invoke.ts'
import { load } from './commands/load.ts'
import { metrics } from './commands/metrics.ts'
import { replay } from './commands/replay.ts'
import { start } from './commands/start.ts'
import { commaSeparated, keyValue, listOf, oneOf, positive, wholeNumber } from './terminal/arguments.ts'
import { failureMessage } from './terminal/failure-message.ts'
import { verify } from './commands/verify.ts'
import { watch } from './commands/watch.ts'

const program = new Command('tickstock').description('Ticks in, exact 1-minute bars out.')

program
  .command('start')
  .description('run TickStock on this machine: history, then a live synthetic feed')
  .option('--symbols <count>', 'symbols of the synthetic feed', wholeNumber(1, 10_000), 70)
  .option('--interval <seconds>', 'seconds between two ticks of a symbol', positive, 1)
  .option('--history <minutes>', 'minutes of history played in first', wholeNumber(0, 100_000), 120)
  .option('--seed <number>', 'seed of the synthetic feed', wholeNumber(0, 2 ** 31), 1)
  .option('--no-feed', 'run without a feed; put ticks on the stream yourself')
  .option(
    '--port <port>',
    'port of the AWS endpoint; Postgres takes the next one',
    wholeNumber(1, 65_534),
    4566,
  )
  .option('--data <folder>', 'where everything is kept', '.tickstock')
  .option('--fresh', 'throw away what is kept and start anew', false)
  .action((options) => run(() => start(options)))

program
  .command('replay')
  .description('turn recorded trades into bars, in a throw-away deployment')
  .argument('<files...>', 'CSV or CSV.gz with the header symbol,timestamp,price,volume')
  .option('--out <file>', 'write the bars to this CSV file')
  .option('--signals <file>', 'write the values of all indicators to this CSV file')
  .option('--patterns <file>', 'write the candlestick patterns to this CSV file')
  .option('--batch <ticks>', 'ticks in one record of the stream', wholeNumber(1, 10_000), 500)
  .action((files, options) => run(() => replay(files, options), 'thrown-away'))

program
  .command('feed')
  .description('put ticks on the stream of a running deployment (endpoint by AWS_ENDPOINT_URL)')
  .requiredOption('--source <source>', 'synthetic or replay', oneOf(['synthetic', 'replay']))
  .argument('[files...]', 'files to replay')
  .option('--stream <name>', 'the stream', 'tickstock-local-ticks')
  .option('--symbols <count>', 'symbols of the synthetic feed', wholeNumber(1, 10_000), 70)
  .option('--interval <seconds>', 'seconds between two ticks of a symbol', positive, 1)
  .option('--seed <number>', 'seed of the synthetic feed', wholeNumber(0, 2 ** 31), 1)
  .option('--batch <ticks>', 'ticks in one record, at the most', wholeNumber(1, 10_000), 500)
  .action((files, options) => run(() => feed(files, options)))

program
  .command('flush')
  .description('close every open minute of a running deployment (endpoint by AWS_ENDPOINT_URL)')
  .option('--function <name>', 'the sweeper', 'tickstock-local-sweeper')
  .action((options) => run(() => flush(options)))

program
  .command('flag')
  .description('show the feature flags of a running deployment, or turn one (endpoint by AWS_ENDPOINT_URL)')
  .argument('[name]', FLAG_NAMES.join(', '), oneOf(FLAG_NAMES))
  .argument('[value]', 'on or off', oneOf(flagSchema.options))
  .option('--stage <stage>', 'the stage that runs there', 'local')
  .action((name, value, options) => run(() => flag({ name, value, stage: options.stage })))

program
  .command('metrics')
  .description('what CloudWatch would show of a running deployment (endpoint by AWS_ENDPOINT_URL)')
  .option('--stage <stage>', 'the stage that runs there', 'local')
  .option('--minutes <minutes>', 'minutes that the statistics are over', wholeNumber(1, 1440), 5)
  .option('--json', 'print JSON, a line each time', false)
  .option('--once', 'print once and end', false)
  .action((options) => run(() => metrics(options)))

program
  .command('watch')
  .description(
    'print what a running deployment sends to its WebSocket clients (endpoint by AWS_ENDPOINT_URL)',
  )
  .option('--symbols <names>', 'symbols, as AAPL,MSFT; without it all', commaSeparated, [ALL_SYMBOLS])
  .option('--types <types>', `of ${RECORD_TYPES.join(',')}; without it all`, listOf(RECORD_TYPES), [
    ...RECORD_TYPES,
  ])
  .option('--json', 'print each record as it was sent', false)
  .option('--stage <stage>', 'the stage that runs there', 'local')
  .option('--url <url>', 'the WebSocket API, ws:// or wss:// (by default that of the stage)')
  .option('--key <key>', 'the API key (by default that of the stage, on AWS)')
  .action((options) => run(() => watch({ ...options, url: options.url, key: options.key })))

program
  .command('invoke')
  .description('run one function once on this machine; print its result, metrics and logs')
  .argument('<function>', 'aggregator, bar-writer, ...')
  .argument('[event.json]', 'the event; without it the sample in localstack/events')
  .option('--stage <stage>', 'use the stores of this deployed stage (endpoint by AWS_ENDPOINT_URL)')
  .action((part, event, { stage }) => run(() => invoke(part, { event, stage })))

program
  .command('verify')
  .description(
    'the acceptance test: queries, permissions, rates, latency and exactness of a running deployment',
  )
  .option('--stage <stage>', 'the stage that runs there', 'local')
  .option('--endpoint <url>', 'AWS endpoint (by default AWS_ENDPOINT_URL, then that of npm start)')
  .option('--database <url>', 'connection string of app_readonly (by default from its secret)')
  .option('--symbols <count>', 'symbols of the feed', wholeNumber(1, 100_000), 70)
  .option('--sample <bars>', 'bars recomputed from the stream, at the most', wholeNumber(1, 100_000), 500)
  .option('--json', 'print JSON', false)
  .action((options) =>
    run(() => verify({ ...options, endpoint: options.endpoint, database: options.database })),
  )

const deadLetters = program
  .command('dead-letters')
  .description('what was rejected or given up on in a running deployment (endpoint by AWS_ENDPOINT_URL)')

deadLetters
  .command('list')
  .description('an object a line')
  .option('--stage <stage>', 'the stage that runs there', 'local')
  .action((options) => run(() => listDeadLetters(options)))

deadLetters
  .command('show')
  .description('the records of some objects, and why')
  .argument('<objects...>', 'keys of objects, as list shows them')
  .option('--stage <stage>', 'the stage that runs there', 'local')
  .action((keys, options) => run(() => showDeadLetters(keys, options)))

deadLetters
  .command('redrive')
  .description('put objects back on their streams')
  .argument('[objects...]', 'keys of objects; without any, all')
  .option('--stage <stage>', 'the stage that runs there', 'local')
  .option('--assume-unapplied', 'also what was given up on and may have been applied before', false)
  .action((keys, { stage, assumeUnapplied }) =>
    run(() => redriveDeadLetters(keys, { stage, doubtful: assumeUnapplied ? 'assume-unapplied' : 'leave' })),
  )

program
  .command('load')
  .description('put a live load on a throw-away deployment and account for every tick')
  .option('--symbols <count>', 'symbols', wholeNumber(1, 10_000), 100)
  .option('--rate <ticks>', 'ticks per symbol and second', wholeNumber(1, 10_000), 100)
  .option('--seconds <seconds>', 'how long', wholeNumber(5, 3600), 60)
  .option('--json', 'print JSON', false)
  .action((options) => run(() => load(options), 'thrown-away'))

program
  .command('cost')
  .description('what a deployment to AWS costs in a month, at three loads')
  .option('-c, --context <key=value>', 'a setting, as for cdk deploy; may be given again', keyValue, {})
  // With it comes the CDK, which takes a second to load.
  .action((options) => run(async () => (await import('./commands/cost.ts')).cost(options)))

/** What becomes of the data of the command that runs. */
let dataIs: 'kept' | 'thrown-away' = 'kept'

async function run(command: () => Promise<number>, data: typeof dataIs = 'kept'): Promise<void> {
  dataIs = data
  try {
    process.exitCode = await command()
  } catch (error) {
    fail(error)
  }
  // Sockets and timers of libraries that are done must not keep us.
  process.exit()
}

/** A thread that dies, of a full disk for one, takes the process with it. */
process.on('uncaughtException', (error) => {
  fail(error)
  process.exit()
})

function fail(error: unknown): void {
  process.stderr.write(`${failureMessage(error, { data: dataIs })}\n`)
  process.exitCode = 1
}

await program.parseAsync()
