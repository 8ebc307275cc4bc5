import type { StoredRecord } from '../kinesis/stream-reader.ts'
import type { InvocationResult } from '../lambda/invocation.ts'
import { currentShard, reasonOf, sleep, type ConsumerContext, type Progress } from './consumer-context.ts'
import { decide, expire, type Decision, type Part } from './decide.ts'
import { toInvocationRecord } from './invocation-record.ts'
import { toKinesisEvent, type EventOrigin } from './kinesis-event.ts'
import { outcomeOf } from './outcome.ts'

type GiveUp = Extract<Decision, { type: 'give-up' }>

/** Invokes the function until every record of the batch is processed or discarded, or the mapping is stopped. */
export async function processBatch(
  context: ConsumerContext,
  origin: EventOrigin,
  options: { readonly records: readonly StoredRecord[]; readonly progress: Progress },
): Promise<void> {
  const { settings, timings } = context
  const { records, progress } = options
  let parts: readonly Part[] = [{ records, failures: 0, invocations: 0 }]
  let failuresInRow = 0
  let lastResult: InvocationResult | undefined
  for (;;) {
    const [part, ...rest] = parts
    if (part === undefined || context.stopping()) return
    const { maxRecordAgeMs } = settings
    const lost = lostOf(context, part, { shardId: origin.shardId, progress })
    let decision: Decision | undefined = expire(part, rest, { now: context.now(), maxRecordAgeMs, lost })
    if (decision === undefined) {
      lastResult = await context.invoke(
        toKinesisEvent(part.records, origin),
        `${context.uuid}/${origin.shardId}`,
      )
      decision = decide(part, rest, outcomeOf(lastResult, part.records, settings), settings)
      warnOfError(context, decision, { result: lastResult, shardId: origin.shardId })
    }
    if (decision.type !== 'bisect') progress.settle(decision.done)
    if (decision.type === 'give-up') {
      const fate = await giveUp(context, decision, { lastResult, origin })
      // Not settled: after a restart the records are tried, and discarded, again.
      if (fate === 'stopped') return
      progress.settle(decision.discarded.records)
    }
    parts = decision.rest
    failuresInRow = decision.type === 'retry' && decision.done.length === 0 ? failuresInRow + 1 : 0
    if (failuresInRow > 0) await sleep(context, timings.backOffMs(failuresInRow))
  }
}

/** How many records at the beginning of the part the stream has dropped since they were read. */
function lostOf(
  context: ConsumerContext,
  part: Part,
  { shardId, progress }: { readonly shardId: string; readonly progress: Progress },
): number {
  if (part.invocations === 0) return 0
  if (currentShard(context, shardId) === undefined) return part.records.length
  const [kept] = context.reader.read(context.streamName, shardId, {
    afterSequenceNumber: progress.position(),
    limit: 1,
  })
  const index = part.records.findIndex((record) => record.sequenceNumber === kept?.sequenceNumber)
  return index === -1 ? part.records.length : index
}

async function giveUp(
  context: ConsumerContext,
  { discarded, condition }: GiveUp,
  options: { readonly lastResult: InvocationResult | undefined; readonly origin: EventOrigin },
): Promise<'gone' | 'stopped'> {
  const { origin } = options
  const { shardId } = origin
  const first = discarded.records[0]?.sequenceNumber
  const what = `${discarded.records.length} records of ${shardId} from ${first} on (${condition})`
  const { failureBucketArn: bucketArn, maxRetries } = context.settings
  // A mapping that neither tries again nor keeps what failed is meant to drop it.
  const level = bucketArn === undefined && maxRetries === 0 ? 'warn' : 'error'
  context.log({ level, shardId, message: `Gave up on ${what}.` })
  if (bucketArn === undefined) return 'gone'
  const lastResult = discarded.invocations > 0 ? options.lastResult : undefined
  const { uuid, functionArn } = context
  const object = toInvocationRecord({
    uuid,
    functionArn,
    now: context.now(),
    discarded,
    condition,
    lastResult,
    origin,
  })
  for (let failures = 1; ; failures++) {
    try {
      await context.onFailure({ bucketArn, ...object })
      return 'gone'
    } catch (cause) {
      const message = `${bucketArn} did not take ${what}: ${reasonOf(cause)}. Trying again.`
      context.log({ level: 'error', shardId, message })
      await sleep(context, context.timings.backOffMs(failures))
      if (context.stopping()) return 'stopped'
    }
  }
}

function warnOfError(
  context: ConsumerContext,
  decision: Decision,
  { result, shardId }: { readonly result: InvocationResult; readonly shardId: string },
): void {
  if (result.type === 'success') return
  const { errorType, errorMessage } = result.error
  const message = `Request ${result.requestId} failed with ${errorType}: ${errorMessage}; next: ${decision.type}.`
  context.log({ level: 'warn', shardId, message })
}
