import { setTimeout as wait } from 'node:timers/promises'

import { S3Client } from '@aws-sdk/client-s3'
import * as z from 'zod'

import { type Bucket, openBucket } from '../../../functions/shared/dead-letters/bucket.ts'
import { connected } from '../../stage/connected.ts'
import { readStoredBars } from '../../stage/verify/stored-bars.ts'
import type { Evidence } from './balance.ts'
import type { Clients } from './clients.ts'
import type { Acknowledged } from './producer.ts'
import type { Started } from './protocol.ts'
import { revisionKey, untoldGaps } from './sessions.ts'
import type { Supervisor } from './supervisor.ts'

/** How long clients are waited for that were not sent everything. */
const LAST_MESSAGES_MS = 10_000

const keysSchema = z.array(z.object({ symbol: z.string(), timestamp: z.string(), revision: z.int() }))
const REVISIONS = `
  SELECT symbol, to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS timestamp, revision
  FROM (SELECT symbol, timestamp, revision FROM ohlcv_1min
        UNION ALL SELECT symbol, timestamp, revision FROM bar_revisions) AS written`

/** Reads all that there is of a deployment that has done everything. */
export async function gather(
  { supervisor, started }: { readonly supervisor: Supervisor; readonly started: Started },
  { acknowledged, clients }: { readonly acknowledged: Acknowledged; readonly clients: Clients },
): Promise<Evidence> {
  const sent = await supervisor.sentBars()
  await untilSent(clients, sent)
  return await connected(started.readOnlyUrl, async (client) => ({
    acknowledged,
    stored: await readStoredBars(client, 0, Math.floor(Date.now() / 1000)),
    storedRevisions: new Set(keysSchema.parse((await client.query(REVISIONS)).rows).map(revisionKey)),
    sent,
    sessions: clients.sessions,
    deadLetters: await deadLetterBucket(started).keys(),
  }))
}

export function deadLetterBucket({ endpoint, deadLetterBucket: name }: Started): Bucket {
  const s3 = new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  })
  return openBucket(s3, name)
}

/** What was posted last may still be on its way to the clients. */
async function untilSent({ sessions }: Clients, sent: Evidence['sent']): Promise<void> {
  const deadline = performance.now() + LAST_MESSAGES_MS
  const isBehind = (): boolean =>
    sessions.some((own) => own.some((session) => session.isOpen && untoldGaps(session, sent).length > 0))
  while (isBehind() && performance.now() < deadline) await wait(50)
}
