import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Config } from '../../lib/config/config.ts'
import { refuseUnknownKeys } from '../../lib/config/keys.ts'
import { readConfig } from '../../lib/config/read-config.ts'
import { createApp } from '../../lib/create-app.ts'
import { createStacks } from '../../lib/create-stacks.ts'
import { billOf } from './bill.ts'
import { type Inventory, takeInventory } from './inventory.ts'
import { PRICES } from '../../functions/shared/cost/prices.ts'
import { reportOf } from './report.ts'
import type { Load } from './usage.ts'
import { projectSettings } from '../embedded/project-settings.ts'
import { printText } from '../terminal/print.ts'

const LARGEST: Load = { symbols: 10_000, ticksPerSecond: 100 }
/** The loads of docs/cost.md, around the clock. */
const LOADS: readonly Load[] = [
  { symbols: 70, ticksPerSecond: 1 },
  { symbols: 100, ticksPerSecond: 100 },
  LARGEST,
]

/** Ways in which a feed may write the largest of them. */
const WRITTEN = [
  { how: 'compact, of 0.1 s', encoding: 'compact', batchSeconds: 0.1 },
  { how: 'JSON, of 0.1 s', encoding: 'json', batchSeconds: 0.1 },
  { how: 'compact, of 1 s', encoding: 'compact', batchSeconds: 1 },
  { how: 'JSON, of 1 s', encoding: 'json', batchSeconds: 1 },
] as const

export type CostOptions = {
  /** The config as on the CDK's command line; overrides the settings in `cdk.json`. */
  readonly context: Readonly<Record<string, string>>
}

/** Prints what a deployment costs per month at three loads. */
export async function cost({ context }: CostOptions): Promise<number> {
  printText(`${costReport(context, projectSettings())}\n`)
  return 0
}

/**
 * @param context overrides the settings, and the stage `prod`
 * @param settings the context of `cdk.json`
 * @throws ConfigError, PriceError
 */
export function costReport(
  context: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>>,
): string {
  const { config, inventory } = deploymentOf(context, settings)
  return reportOf(
    config,
    LOADS.map((load) => ({
      low: billOf({ ...config, latency: 'low' }, load, inventory),
      economy: billOf({ ...config, latency: 'economy' }, load, inventory),
      lowest: billOf({ ...config, latency: 'lowest' }, load, inventory),
    })),
    WRITTEN.map(({ how, ...written }) => ({
      how,
      bill: billOf({ ...config, latency: 'low' }, { ...LARGEST, ...written }, inventory),
    })),
  )
}

/** The config of a deployment, and what its templates have. @throws ConfigError */
export function deploymentOf(
  context: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>>,
): { readonly config: Config; readonly inventory: Inventory } {
  const given: Readonly<Record<string, unknown>> = { ...settings, stage: 'prod', ...context }
  refuseUnknownKeys(Object.keys(given))
  const config = readConfig((key) => given[key], { region: PRICES.region })
  return { config, inventory: takeInventory(...templatesOf(config)) }
}

function templatesOf(config: Config): unknown[] {
  const outdir = mkdtempSync(join(tmpdir(), 'tickstock-cost-'))
  try {
    const app = createApp({ 'aws:cdk:bundling-stacks': [] }, { outdir })
    const { stack } = createStacks(app, config)
    const templates = app.synth().stacks.map(({ template }): unknown => template)
    if (stack.bridge === undefined) return templates
    return [...templates, JSON.parse(readFileSync(join(outdir, stack.bridge.templateFile), 'utf8'))]
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}
