/**
 * The metrics of each part, which its handler counts and `lib/` graphs and watches: both take the names from here, so a
 * misspelt one does not compile. In the namespace of the stage, with the part as the only dimension, `service`.
 */
export const METRICS = {
  aggregator: [
    'BatchesFailed',
    'TicksProcessed',
    'TicksRejected',
    'TicksLate',
    'TicksDuplicate',
    'BarsCompleted',
    'BarsRevised',
    'SymbolsTracked',
    /** Commits that met a newer state although theirs was read in the same invocation: two writers at one symbol. */
    'StateConflicts',
    /** Commits that met a newer state than the one kept from an earlier invocation: Lambda gives a shard to any. */
    'StatesStale',
    'OutboxReemitted',
  ],
  sweeper: [
    'BarsCompleted',
    'BarsRevised',
    'StateConflicts',
    'OutboxReemitted',
    /** 1 in each minute in which ticks must come, else 0: a clock that knows time zones. */
    'SessionOpen',
  ],
  analytics: [
    'BatchesFailed',
    'IndicatorsCalculated',
    'PatternsDetected',
    'PatternsWithdrawn',
    'StateConflicts',
    /** Bars of finalized minutes, which are ignored. */
    'BarsSettled',
  ],
  'bar-writer': ['BarsWritten', 'BarsRefused', 'BarLatency', 'SignalLatency'],
  broadcaster: [
    /** WebSocket connections that there are: a level, that each batch reports. */
    'Connections',
    'MessagesSent',
    /** Messages that could not be sent to a client that is there, and connections that could not be ended for it. */
    'PostsFailed',
    'BroadcastLatency',
  ],
  api: ['ApiLatency', 'ApiFailures'],
  migrator: [],
  'synthetic-feed': [],
} as const

/** A part that may count. */
export type MeteredPart = keyof typeof METRICS

/** What a part may count. */
export type MetricName<Part extends MeteredPart> = (typeof METRICS)[Part][number]
