import { type CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch'

/** An alarm of the stage. */
export type ShownAlarm = {
  /** Without the stage: a heading of docs/runbook.md. */
  readonly name: string
  readonly state: 'ok' | 'alarm' | 'unknown'
  readonly about: string
}

/** The alarms whose names begin with that of the deployment, those that ring first. */
export async function readAlarms(
  client: CloudWatchClient,
  deployment: string,
): Promise<readonly ShownAlarm[]> {
  const prefix = `${deployment}-`
  const found: ShownAlarm[] = []
  const request = { AlarmNamePrefix: prefix }
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, request))
    for (const { AlarmName = '', StateValue, AlarmDescription = '' } of MetricAlarms)
      found.push({
        name: AlarmName.slice(prefix.length),
        state: StateValue === 'ALARM' ? 'alarm' : StateValue === 'OK' ? 'ok' : 'unknown',
        about: AlarmDescription,
      })
  const rank = { alarm: 0, unknown: 1, ok: 2 }
  return found.toSorted((a, b) => rank[a.state] - rank[b.state] || (a.name < b.name ? -1 : 1))
}
