import { projectSettings } from '../embedded/project-settings.ts'
import { type Bill, billOf } from '../cost/bill.ts'
import { deploymentOf } from '../cost/cost.ts'
import type { Load } from '../cost/usage.ts'
import { printText } from '../terminal/print.ts'
import { simulateLatency } from './latency.ts'
import { audienceOf, type Share, sharesOf } from './loads.ts'
import { scaleReportOf, type Scaled } from './report.ts'

const SYMBOLS = [1000, 10_000, 100_000]

export type ScaleOptions = {
  readonly symbols?: number
  /** Trades a second of each symbol. */
  readonly rate: number
  /** Seconds. */
  readonly batch: number
  /** The config as on the CDK's command line; overrides the settings in `cdk.json`. */
  readonly context: Readonly<Record<string, string>>
}

/** Prints what becomes of a load on AWS. */
export async function scale(options: ScaleOptions): Promise<number> {
  printText(`${scaleReport(options, projectSettings())}\n`)
  return 0
}

/**
 * @param settings the context of `cdk.json`
 * @throws ConfigError, PriceError
 */
export function scaleReport(
  { symbols, rate, batch, context }: ScaleOptions,
  settings: Readonly<Record<string, unknown>>,
): string {
  const { config, inventory } = deploymentOf(context, settings)
  const scaled = (symbols === undefined ? SYMBOLS : [symbols]).map((count): Scaled => {
    const load: Load = { symbols: count, ticksPerSecond: rate, batchSeconds: batch }
    const bill = billOf(config, load, inventory)
    const carrying = { ...config, ...carriedBy(bill) }
    const latencyOf = (latency: typeof config.latency) =>
      simulateLatency({ ...config, latency }, load, bill.usage)
    return {
      bill,
      shares: sharesOf(config, load, bill.usage),
      audience: audienceOf(config, load, inventory),
      settings: carriedBy(bill),
      left: sharesOf(carrying, load, bill.usage).filter(isReached),
      latencies: { lowest: latencyOf('lowest'), low: latencyOf('low'), economy: latencyOf('economy') },
    }
  })
  return scaleReportOf(config, scaled)
}

function isReached({ used, allowed }: Share): boolean {
  return used > allowed
}

/** Settings that the load needs: shards filled to four fifths, a writer for each of them, storage for a year. */
function carriedBy({ usage, storage }: Bill) {
  const { tickShards, barShards, signalShards } = usage
  return {
    tickShards,
    barShards,
    signalShards,
    barWriterConcurrency: Math.max(20, barShards + signalShards),
    databaseStorageGib: Math.max(100, Math.ceil(storage.billedGib / 4)),
  }
}
