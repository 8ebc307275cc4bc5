import { setTimeout } from 'node:timers/promises'

import { UsageError } from '../terminal/errors.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { table } from '../terminal/table.ts'
import type { DeployedStage } from './find-deployment.ts'
import { followFunctionLogs } from './function-logs.ts'
import { readMetricLine } from './metric-line.ts'
import { MetricWindow, type Statistics } from './statistics.ts'
import { clearTerminal, printLine, printText } from '../terminal/print.ts'

export type MetricsOptions = {
  /** Minutes that the statistics are over. */
  readonly minutes: number
  readonly json?: boolean
  /** Shows them once and ends. */
  readonly once?: boolean
}

const REFRESH_MS = 5000

/** Shows what CloudWatch would show of a deployment, until it is interrupted. */
export async function metrics(
  deployed: DeployedStage,
  { minutes, json, once }: MetricsOptions,
): Promise<number> {
  const { stage, at } = deployed
  const signal = onInterrupt(() => {})
  const periodMs = minutes * 60_000
  const window = new MetricWindow(periodMs)
  const read = followFunctionLogs(deployed, { term: 'CloudWatchMetrics', from: Date.now() - periodMs })
  for (;;) {
    for (const printed of await read()) {
      const line = readMetricLine(printed.text)
      if (line !== undefined) window.add(printed.at, line)
    }
    const statistics = window.get(Date.now())
    if (statistics.length === 0 && once)
      throw new UsageError(
        `the functions of stage ${stage} printed no metrics in the last ${minutes} min at ${at}; is it running, and fed?`,
      )
    if (json) printLine(JSON.stringify({ stage, minutes, statistics }))
    else {
      clearTerminal()
      printText(`last ${minutes} min\n\n${metricTable(statistics)}\n`)
    }
    if (once || !(await slept(signal))) return 0
  }
}

/** The statistics as a table. */
export function metricTable(statistics: readonly Statistics[]): string {
  return table(
    ['service', 'metric', 'unit', 'samples', 'sum', 'average', 'p50', 'p99', 'max'],
    statistics.map((each) => [
      each.service,
      each.name,
      each.unit,
      ...[each.samples, each.sum, each.average, each.p50, each.p99, each.maximum].map(rounded),
    ]),
  )
}

function rounded(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0 })
}

/** False when it was interrupted instead. */
async function slept(signal: AbortSignal): Promise<boolean> {
  await setTimeout(REFRESH_MS, undefined, { signal }).catch(() => undefined)
  return !signal.aborted
}
