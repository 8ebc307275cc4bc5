import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs'

import { nameOf } from '../../functions/shared/runtime/deployment-name.ts'
import { clientOptions } from './client-options.ts'
import type { DeployedStage } from './find-deployment.ts'

/** A line that a function of a deployment printed. */
export type PrintedLine = { readonly at: number; readonly text: string }

/**
 * Follows what the functions of a stage print, through CloudWatch Logs: each call gives the lines that hold `term` and
 * came since the one before, the first those since `from` (Unix milliseconds).
 */
export function followFunctionLogs(
  deployed: DeployedStage,
  { term, from }: { readonly term: string; readonly from: number },
): () => Promise<PrintedLine[]> {
  const client = new CloudWatchLogsClient(clientOptions('CLOUDWATCH_LOGS', deployed.environment))
  const readers = new Map<string, () => Promise<PrintedLine[]>>()
  return async () => {
    const groups = paginateDescribeLogGroups(
      { client },
      { logGroupNamePrefix: `/aws/lambda/${nameOf(deployed)}-` },
    )
    for await (const { logGroups = [] } of groups)
      for (const { logGroupName } of logGroups)
        if (logGroupName !== undefined && !readers.has(logGroupName))
          readers.set(logGroupName, followGroup(client, logGroupName, { term, from }))
    return (await Promise.all([...readers.values()].map((read) => read()))).flat()
  }
}

function followGroup(
  client: CloudWatchLogsClient,
  logGroupName: string,
  { term, from }: { readonly term: string; readonly from: number },
): () => Promise<PrintedLine[]> {
  let startTime = from
  // Lines of the millisecond that was read last come again.
  let known = new Map<string, number>()
  return async () => {
    const pages = paginateFilterLogEvents({ client }, { logGroupName, startTime, filterPattern: `"${term}"` })
    const lines: PrintedLine[] = []
    for await (const { events = [] } of pages)
      for (const { eventId = '', timestamp = 0, message = '' } of events) {
        if (known.has(eventId)) continue
        known.set(eventId, timestamp)
        lines.push({ at: timestamp, text: message.trim() })
        startTime = Math.max(startTime, timestamp)
      }
    known = new Map([...known].filter(([, timestamp]) => timestamp >= startTime))
    return lines
  }
}
