/**
 * The metrics of each part, which its handler counts and `lib/` graphs and alarms on: both use these names, so a
 * misspelt one does not compile. In the namespace of the stage, with the part as the only dimension, `service`.
 */
export const METRICS = {
  aggregator: [
    'BatchesFailed',
    /** Records, of this and other consumers, that a fault of our own code kept from being read. */
    'ReadFaults',
    'TicksProcessed',
    'TicksRejected',
    'TicksLate',
    'TicksDuplicate',
    /** Trades of contiguous lines that did not come within the lateness. */
    'TicksMissing',
    'BarsCompleted',
    'BarsRevised',
    /** Bars emitted that lack trades. */
    'BarsIncomplete',
    'SymbolsTracked',
    /** Commits that met a newer state although theirs was read in the same invocation: two writers of one symbol. */
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
    /** 1 in each minute in which trades are expected, else 0: a clock with time zones. */
    'SessionOpen',
  ],
  analytics: [
    'BatchesFailed',
    'ReadFaults',
    'IndicatorsCalculated',
    'PatternsDetected',
    'PatternsWithdrawn',
    'StateConflicts',
    /** Bars of finalized minutes, which are ignored. */
    'BarsSettled',
  ],
  archiver: [
    'ReadFaults',
    /** Parquet objects put, and the trades in them; those that come again with a batch count again. */
    'ObjectsArchived',
    'TicksArchived',
  ],
  compactor: [
    /** Objects of the archive that were merged into others. */
    'ObjectsCompacted',
  ],
  rebuilder: [
    /** Bars put because the archive has others. */
    'BarsRebuilt',
    /** Minutes whose indicators and patterns were put because they follow from other bars. */
    'SignalsRebuilt',
  ],
  jobs: [
    /** Jobs that ended with failed tasks. */
    'JobsFailed',
  ],
  'bar-writer': ['BarsWritten', 'BarsRefused', 'ReadFaults', 'BarLatency', 'SignalLatency'],
  broadcaster: [
    'ReadFaults',
    /** Open WebSocket connections: a level, which each batch reports. */
    'Connections',
    'MessagesSent',
    /** Messages that could not be sent to a connected client, and connections that could not be ended for that. */
    'PostsFailed',
    'BroadcastLatency',
    /** Messages of live ticks that API Gateway accepted, and those that were dropped because something failed. */
    'LiveTicksSent',
    'LiveTicksDropped',
  ],
  alerter: [
    'BatchesFailed',
    'ReadFaults',
    /** Rules that fired for a minute, each once. */
    'AlertsFired',
    'AlertsDelivered',
    /** Deliveries that were given up. */
    'AlertsFailed',
  ],
  api: ['ApiLatency', 'ApiFailures'],
  authorizer: [],
  operator: [],
  migrator: [],
  'synthetic-feed': [],
  'venue-feed': [
    'TradesPut',
    /** That came twice from the venue. */
    'TradesDuplicate',
    /** Fetched over REST after they had not come. */
    'TradesFilled',
    /** That the venue no longer gives. */
    'TradesMissing',
    'TradesCancelled',
    /** Connections made again. */
    'Reconnects',
    /** Symbols without a trade for ten minutes in which trades are expected: a level. */
    'SymbolsSilent',
    /** Milliseconds from a trade to its arrival. */
    'VenueLag',
  ],
} as const

/** A part that may count. */
export type MeteredPart = keyof typeof METRICS

/** What a part may count. */
export type MetricName<Part extends MeteredPart> = (typeof METRICS)[Part][number]
