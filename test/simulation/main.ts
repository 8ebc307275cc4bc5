import { writeFileSync } from 'node:fs'

import { Command, InvalidArgumentError } from 'commander'

import { wholeNumber } from '../../bin/terminal/arguments.ts'
import { runSeeds } from './run-seeds.ts'
import { simulate } from './simulate.ts'
import { type Path, PATHS } from './trace.ts'

type SimulateOptions = { readonly seed?: number; readonly minutes: number; readonly trace?: true }

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const MAX_SEED = 2 ** 48
/** So many seeds reach every path, but for one set in some thousands. */
const ENOUGH_SEEDS = 300

const command = new Command('simulate')
  .description(
    'runs the pipeline in virtual time, with all that can happen to it, and checks what comes of it',
  )
  .option('--seed <seed>', 'one run, the same each time', wholeNumber(0, MAX_SEED))
  .option('--trace', 'with --seed: prints each call of an instance')
  .option('--minutes <minutes>', 'how long, with seeds at random', positive, 1)
  .action(run)

function positive(text: string): number {
  const minutes = Number(text)
  if (minutes > 0 && minutes <= 100_000) return minutes
  throw new InvalidArgumentError('allowed are minutes above 0, as 0.5')
}

async function run({ seed, minutes, trace }: SimulateOptions): Promise<void> {
  if (seed === undefined) await runMany(minutes)
  else await runOne(seed, trace === true)
}

async function runOne(seed: number, isTraced: boolean): Promise<void> {
  const { failure, digest, records, ms, reached } = await simulate(seed, isTraced ? print : undefined)
  for (const [path, times] of reached) print(`${String(times).padStart(9)}  ${path}`)
  print(`seed ${seed}: ${records} records in ${(ms / MINUTE_MS).toFixed(1)} minutes, digest ${digest}`)
  if (failure !== undefined) print(`\nFAILED: ${failure}`)
  end(failure === undefined ? 1 : 0, failure === undefined ? 0 : 1)
}

async function runMany(minutes: number): Promise<void> {
  const first = Date.now() % MAX_SEED
  const until = performance.now() + minutes * MINUTE_MS
  const reached = new Map<Path, number>(PATHS.map((path) => [path, 0]))
  let [seeds, ms, failed] = [0, 0, 0]
  await runSeeds(
    first,
    () => performance.now() < until,
    (result) => {
      seeds++
      ms += result.ms
      for (const path of result.reached.keys()) reached.set(path, (reached.get(path) ?? 0) + 1)
      if (result.failure === undefined) return
      failed++
      print(`FAILED: ${result.failure}\n  again: npm run simulate -- --seed ${result.seed}\n`)
    },
  )
  print('seeds that reached')
  for (const [path, times] of reached) print(`${String(times).padStart(9)}  ${path}`)
  const missed = [...reached].filter(([, times]) => times === 0).map(([path]) => path)
  const isMissing = seeds >= ENOUGH_SEEDS && missed.length > 0
  if (isMissing) print(`\nFAILED: no seed reached: ${missed.join(', ')}`)
  print(`\n${seeds} seeds from ${first} on, ${(ms / HOUR_MS).toFixed(1)} hours of market, ${failed} failed`)
  end(seeds - failed, failed + (isMissing ? 1 : 0))
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** As Vitest reports, for the tally of `.ci/run`. */
function end(passed: number, failed: number): void {
  process.exitCode = failed === 0 ? 0 : 1
  const file = process.env['VITEST_JSON_REPORT']
  if (file === undefined) return
  writeFileSync(file, JSON.stringify({ numPassedTests: passed, numFailedTests: failed, testResults: [] }))
}

await command.parseAsync()
