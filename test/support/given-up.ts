import type { StoredRecord } from 'embedded-aws/services'
import { toInvocationRecord } from 'embedded-aws/testing'

/** The object that an event source mapping writes when it gives up on records. */
export function givenUpObject(
  stream: string,
  records: readonly StoredRecord[],
  shardId = 'shardId-000000000000',
) {
  const account = 'us-east-1:000000000000'
  return toInvocationRecord({
    discarded: { records, failures: 2, invocations: 3 },
    condition: 'RecordAgeExceeded',
    lastResult: undefined,
    origin: {
      shardId,
      streamArn: `arn:aws:kinesis:${account}:stream/${stream}`,
      invokeIdentityArn: 'arn:aws:iam::000000000000:role/test',
    },
    functionArn: `arn:aws:lambda:${account}:function:tickstock-local-bar-writer`,
    uuid: '0b0f4c2e-0000-4000-8000-000000000000',
    now: 1_760_200_000_000,
  })
}
