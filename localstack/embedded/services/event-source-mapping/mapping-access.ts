import type { Access } from '../../access.ts'

/** What Lambda does with a stream, in the role of the function. */
const STREAM_ACTIONS = [
  'DescribeStream',
  'DescribeStreamSummary',
  'ListShards',
  'GetShardIterator',
  'GetRecords',
]

/** https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html */
export function streamAccess(streamArn: string): readonly Access[] {
  return STREAM_ACTIONS.map((action) => ({ action: `kinesis:${action}`, resource: streamArn }))
}

/**
 * What Lambda does with a bucket that takes what fails.
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export function destinationAccess(bucketArn: string, uuid: string): readonly Access[] {
  return [
    { action: 's3:ListBucket', resource: bucketArn },
    { action: 's3:PutObject', resource: `${bucketArn}/aws/lambda/${uuid}/shardId-000000000000/failed` },
  ]
}
