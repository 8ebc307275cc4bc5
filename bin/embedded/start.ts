import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { namesOf } from '../../feed/symbols.ts'
import { mayBeRunning } from 'embedded-aws/postgres'
import type { Bridge } from '../bridge/bridge.ts'
import { embeddedBackend } from '../dashboard/embedded-backend.ts'
import { openDashboard } from '../dashboard/open-dashboard.ts'
import type { Dashboard } from '../dashboard/server.ts'
import { dataPath, DEFAULT_DATA } from '../stage/data-path.ts'
import { reportTrouble } from '../stage/stream-trouble.ts'
import { type ChosenVenue, chosenVenues, feedVenues, type VenueOptions } from '../stage/venues.ts'
import { writeRunning } from '../stage/running-deployment.ts'
import { UsageError } from '../terminal/errors.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { count, openScreen, type Screen } from '../terminal/screen.ts'
import { takeDataFolder } from './data-folder.ts'
import { type Deployment, startDeployment } from './deployment.ts'
import { FigureReader } from './figures.ts'
import { LOG_FILE, logFunctions } from './function-log.ts'
import { introduction } from './introduction.ts'
import { memoryLimits, memoryNotice } from './memory-notice.ts'
import { type FeedOptions, isAggregating, type Live, playHistory, putLive, runLive } from './play-feed.ts'
import { describeWaiting, StuckError, type Waiting } from './settle.ts'
import { openOwnBridge } from './own-bridge.ts'
import { isSet } from './project-settings.ts'
import { refuseTakenPorts } from './taken-ports.ts'

export type StartOptions = Partial<Omit<FeedOptions, 'symbols'>> &
  VenueOptions & {
    /** False: somebody else puts ticks on the stream. */
    readonly feed: boolean
    readonly port: number
    readonly dashboardPort: number
    readonly data: string
    readonly fresh?: boolean
    readonly alerts?: boolean
    /** True without a seed. */
    readonly strict?: number | true
  }

/** How long a stop may take once something has gone wrong, in milliseconds. */
const STOP_MS = 10_000

/** Runs TickStock on this machine until it is interrupted. */
export async function start(options: StartOptions): Promise<number> {
  const { port, dashboardPort } = options
  if (dashboardPort === port || dashboardPort === port + 1)
    throw new UsageError(
      `port ${dashboardPort}, for the dashboard, is one of the pair of --port ${port}: choose another with --dashboard-port`,
    )
  if (!options.feed && options.encoding !== undefined)
    throw new UsageError('--encoding is of a feed, and --no-feed is given: leave one of them out')
  const venues = venuesOf(options)
  const folder = takeDataFolder(dataPath(options.data))
  try {
    await refuseTakenPorts({
      'the AWS endpoint': port,
      // The server of a start that was killed is stopped first.
      ...(!mayBeRunning(join(folder.path, 'postgres')) && { Postgres: port + 1 }),
    })
    const screen = openScreen()
    const notice = memoryNotice(memoryLimits())
    if (notice !== undefined) screen.print(notice)
    if (options.strict !== undefined)
      screen.print(`--strict: as unkind as AWS, with seed ${seedOf(options.strict)} (docs/chaos-and-soak.md)`)
    const dashboard = await openDashboard(dashboardPort, screen)
    try {
      if (options.fresh && folder.clear() > 0)
        screen.print(`--fresh: the data in ${folder.path} was deleted; API key and database passwords change`)
      else if (folder.wasKilled)
        screen.print(
          `the last npm start with ${folder.path} was killed, perhaps for want of memory; this one continues from what was acknowledged`,
        )
      return await startIn(folder.path, { options, venues, screen, dashboard })
    } finally {
      await dashboard.stop()
    }
  } finally {
    folder.release()
  }
}

function seedOf(given: number | true): number {
  return given === true ? 1 : given
}

type Opened = {
  readonly options: StartOptions
  readonly venues: readonly ChosenVenue[]
  readonly screen: Screen
  readonly dashboard: Dashboard
}

async function startIn(data: string, { options, venues, screen, dashboard }: Opened): Promise<number> {
  const figures = new FigureReader()
  const signal = onInterrupt(() =>
    screen.print('stopping: open bars are closed and written (Ctrl-C again: stop at once)'),
  )
  const starting = startDeployment({
    data,
    port: options.port,
    databasePort: options.port + 1,
    warm: ['aggregator', 'analytics', 'bar-writer'],
    settings: {
      // Unless the project's own settings say who may use it.
      ...(!isSet('access') && { access: 'clients' }),
      ...(options.alerts === true && { alerts: 'on' }),
    },
    ...(options.strict !== undefined && { strict: { seed: seedOf(options.strict) } }),
    onProgress: (doing) => screen.status(`${doing} ...`),
    onLog: logFunctions(join(data, LOG_FILE), { figures, screen }),
  })
  const deployment = await starting.catch((error: unknown) => {
    // Ctrl-C ends the CDK app that is synthesizing, too.
    if (signal.aborted) throw new UsageError('stopped before it was up', { cause: error })
    throw error
  })
  const removeRunning = writeRunning(data, {
    ...runningOf(deployment),
    dashboard: { url: dashboard.url, secret: dashboard.secret },
  })
  dashboard.show(embeddedBackend(deployment, { data, figures }))
  const bridge = openOwnBridge(deployment, (text) => screen.print(`bridge: ${text}`))
  try {
    await runUntilStopped(deployment, { options, venues, data, screen, dashboard, figures, signal, bridge })
  } catch (error) {
    // A function that hangs would hold up the stop as well.
    await Promise.race([deployment.stop(), setTimeout(STOP_MS)])
    screen.end()
    if (!(error instanceof StuckError)) throw error
    throw new UsageError(
      `stopped, but ${error.message}. The rest is kept in ${data}, and the next start continues from it; errors are in ${join(data, LOG_FILE)}`,
      { cause: error },
    )
  } finally {
    removeRunning()
  }
  await deployment.stop()
  screen.end()
  const { written } = figures.get()
  screen.print(`stopped; ${count(written)} bars were written. The next start continues from ${data}`)
  return 0
}

/** History, live feed and the last bars; rejects when the database ends meanwhile. */
async function runUntilStopped(
  deployment: Deployment,
  { bridge, ...live }: Live & Opened & { readonly bridge: Bridge | undefined },
): Promise<void> {
  const { options, venues, data, screen, dashboard, signal } = live
  const databaseEnds = deployment.postgres.ended.then(() => {
    throw new UsageError(
      `Postgres has ended, so no bar can be written; the ticks are kept on the stream. Start again: it continues from ${data}`,
    )
  })
  const work = async (): Promise<void> => {
    if (signal.aborted) return
    const feed = await feedOf(deployment, live)
    const dataOption = options.data === DEFAULT_DATA ? '' : ` --data ${options.data}`
    screen.print(
      introduction(deployment, {
        data,
        dataOption,
        dashboard: dashboard.url,
        symbols: venues[0]?.symbols ?? syntheticFeed(options).symbols,
        isSynthetic: venues.length === 0 && options.feed,
      }),
    )
    await runLive(deployment, live, feed)
    screen.status('writing the last bars ...')
    if (await isAggregating(deployment, screen))
      await deployment.flush({
        onWaiting: (waiting) => screen.status(`writing the last bars: ${waitingFor(waiting)}`),
      })
  }
  // In the end it ends because it is stopped.
  databaseEnds.catch(() => {})
  try {
    await Promise.race([work(), databaseEnds])
  } finally {
    await bridge?.stop()
  }
}

/** What feeds the stream from now on, after the history of the synthetic feed. */
async function feedOf(
  deployment: Deployment,
  live: Live & Opened,
): Promise<(() => Promise<unknown>) | undefined> {
  const { options, venues, data, screen, signal } = live
  if (venues.length > 0)
    return () =>
      feedVenues(venues, {
        kinesis: kinesisPort(createKinesisClient(deployment.runtime.environment)),
        stream: deployment.ticksStream,
        onStatus: reportTrouble(screen),
        ...(options.encoding && { encoding: options.encoding }),
        folder: data,
        signal,
        print: (text) => screen.print(text),
      })
  if (!options.feed) return undefined
  const synthetic = syntheticFeed(options)
  const fed = await playHistory(deployment, live, synthetic)
  return () => putLive(deployment, live, { options: synthetic, fed })
}

function syntheticFeed(options: StartOptions): FeedOptions {
  const { symbols, interval = 1, history = 120, seed = 1, encoding } = options
  return { symbols: namesOf(symbols), interval, history, seed, encoding }
}

/** The venues, with the options that go with them. */
function venuesOf(options: StartOptions): readonly ChosenVenue[] {
  const venues = chosenVenues(options)
  if (venues.length === 0) return venues
  const other = (['interval', 'history', 'seed'] as const).find((name) => options[name] !== undefined)
  if (other !== undefined)
    throw new UsageError(`--${other} is of the synthetic feed, and --venue ${venues[0]?.venue.name} is given`)
  if (!options.feed) throw new UsageError('--no-feed and --venue: give one of them')
  return venues
}

function waitingFor(waiting: readonly Waiting[]): string {
  return `${describeWaiting(waiting)} (Ctrl-C: stop at once; they are kept)`
}

/** What other commands need to find this deployment. */
function runningOf({
  runtime,
  api,
  webSocketUrl,
  ticksStream,
  readOnlyUrl,
}: Deployment): Parameters<typeof writeRunning>[1] {
  const { environment, endpoint } = runtime
  return {
    stage: 'local',
    endpoint,
    region: environment['AWS_REGION'] ?? '',
    accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
    api,
    ...(webSocketUrl !== undefined && { webSocketUrl }),
    ticksStream,
    readOnlyUrl,
  }
}
