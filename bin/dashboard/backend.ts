import type { Flag } from '../../functions/shared/runtime/flag-names.ts'
import type { AskAlerts } from '../stage/alerts/call-alerts.ts'
import type { JobsClient } from '../stage/jobs/call-jobs.ts'
import type { DeployedFlags } from '../stage/flags.ts'
import type { DeadLetters } from '../stage/dead-letters/open-dead-letters.ts'
import type { Actions } from './actions.ts'
import type { Api } from './proxy-api.ts'

/** The deployment that a dashboard shows. */
export type Backend = {
  readonly stage: string
  readonly version: string
  readonly api: Api
  /** Undefined with `websocket: off`. */
  readonly webSocketUrl: string | undefined
  readonly flags: DeployedFlags
  readonly figures: () => SystemFigures
  readonly jobs: JobsClient
  readonly alerts: AskAlerts
  /** Works on the dead letters, one after the other: a redrive must not run beside another. */
  readonly withDeadLetters: <Result>(work: (letters: DeadLetters) => Promise<Result>) => Promise<Result>
  readonly actions: Actions
}

/** What is counted since the start, and how things are now; null where it is not known. */
export type SystemFigures = {
  readonly metrics: Readonly<
    Record<
      | 'ticksPerSecond'
      | 'ticksTotal'
      | 'late'
      | 'rejected'
      | 'duplicates'
      | 'missing'
      | 'bars'
      | 'revised'
      | 'incomplete',
      number
    >
  >
  /** How far each part is behind its streams: the age of the oldest record, and how many wait. */
  readonly lag: readonly { readonly part: string; readonly ms: number; readonly records: number }[]
  readonly latency: { readonly bar: { readonly p50: number | null; readonly p99: number | null } }
}

/** A flag as the dashboard shows it. */
export type ShownFlag = { readonly name: string; readonly value: Flag; readonly about: string }
