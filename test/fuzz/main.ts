import { writeFileSync } from 'node:fs'

import { Command, InvalidArgumentError } from 'commander'
import fc from 'fast-check'

import { wholeNumber } from '../../bin/terminal/arguments.ts'
import { type Target, TARGETS } from './targets.ts'

type FuzzOptions = {
  readonly minutes: number
  readonly seed: number
  readonly only?: string
  readonly path?: string
}

/** How long one target is fuzzed before it is the next one's turn, in milliseconds. */
const TURN_MS = 2000
const MINUTE_MS = 60_000

const command = new Command('fuzz')
  .description('gives every reader of text from outside what it may stumble over')
  .option('--minutes <minutes>', 'how long, of all targets together', positive, 1)
  .option(
    '--seed <seed>',
    'of the random numbers; the same seed gives the same texts',
    wholeNumber(0, 2 ** 31 - 1),
    now(),
  )
  .option('--only <words>', 'the targets whose name has these words')
  .option('--path <path>', 'with the seed, the one failure that was printed')
  .action(fuzz)

function positive(text: string): number {
  const minutes = Number(text)
  if (minutes > 0 && minutes <= 100_000) return minutes
  throw new InvalidArgumentError('allowed are minutes above 0, as 0.5')
}

function now(): number {
  return Date.now() % 2 ** 31
}

async function fuzz({ minutes, seed, only = '', path }: FuzzOptions): Promise<void> {
  const targets = TARGETS.filter(({ name }) => name.includes(only))
  if (targets.length === 0) command.error(`no target has ${JSON.stringify(only)} in its name`)
  process.stdout.write(`seed ${seed}, ${minutes} min\n`)
  const until = performance.now() + minutes * MINUTE_MS
  const runs = new Map(targets.map((target) => [target, 0]))
  const failures = new Map<Target, string>()
  for (let turn = 0; turn === 0 || performance.now() < until; turn++)
    for (const target of targets) {
      if (failures.has(target) || (turn > 0 && performance.now() >= until)) continue
      const turnMs = Math.min(TURN_MS, (minutes * MINUTE_MS) / targets.length)
      const result = await fc.check(target.property, {
        seed: (seed + turn) % 2 ** 31,
        numRuns: Number.MAX_SAFE_INTEGER,
        interruptAfterTimeLimit: turnMs,
        markInterruptAsFailure: false,
        ...(path !== undefined && { path }),
      })
      runs.set(target, (runs.get(target) ?? 0) + result.numRuns)
      if (result.failed) failures.set(target, failureOf(target, result))
    }
  for (const [{ name }, count] of runs) process.stdout.write(`${String(count).padStart(9)}  ${name}\n`)
  for (const text of failures.values()) process.stdout.write(`\n${text}\n`)
  report(targets.length - failures.size, failures.size)
  process.exitCode = failures.size === 0 ? 0 : 1
}

function failureOf({ name }: Target, result: fc.RunDetails<[unknown]>): string {
  const { seed, counterexamplePath, counterexample, errorInstance } = result
  const error =
    errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance)
  return `FAILED: ${name}
  again: npm run fuzz -- --seed ${seed} --path ${counterexamplePath ?? ''} --only ${JSON.stringify(name)}
  with:  ${JSON.stringify(counterexample)}
${error}`
}

/** As Vitest reports, for the tally of `.ci/run`. */
function report(passed: number, failed: number): void {
  const file = process.env['VITEST_JSON_REPORT']
  if (file === undefined) return
  writeFileSync(file, JSON.stringify({ numPassedTests: passed, numFailedTests: failed, testResults: [] }))
}

await command.parseAsync()
