import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch'

/** Values by id of a query, each with the Unix milliseconds at which its period begins. */
export type Series = ReadonlyMap<string, readonly { readonly at: number; readonly value: number }[]>

/** Reads metrics of a time, all pages. */
export async function readMetricData(
  client: Pick<CloudWatchClient, 'send'>,
  queries: readonly MetricDataQuery[],
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Series> {
  const series = new Map<string, { at: number; value: number }[]>()
  let token: string | undefined
  do {
    const answer = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date(from),
        EndTime: new Date(to),
        MetricDataQueries: [...queries],
        ...(token !== undefined && { NextToken: token }),
      }),
    )
    for (const { Id = '', Timestamps = [], Values = [] } of answer.MetricDataResults ?? []) {
      const points = Timestamps.map((at, index) => ({ at: at.getTime(), value: Values[index] ?? 0 }))
      series.set(Id, [...(series.get(Id) ?? []), ...points])
    }
    token = answer.NextToken
  } while (token !== undefined)
  return series
}
