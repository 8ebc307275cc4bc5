import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { FigureReader } from '../../../bin/embedded/figures.ts'
import { logFunctions } from '../../../bin/embedded/function-log.ts'
import { openScreen } from '../../../bin/terminal/screen.ts'

const HARMFUL = /[^\P{C}\n]|[\u2028\u2029]/u
const HOSTILE = 'A\u001b[2J\r\n2026-11-29 FORGED all is well\u0000\u009b31m\u202eB\u2028C'

let folder: string

beforeEach(() => {
  vi.useFakeTimers()
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
})

afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

function opened() {
  const printed: string[] = []
  const file = join(folder, 'functions.log')
  const log = logFunctions(file, {
    figures: new FigureReader(),
    screen: openScreen({ write: (text) => printed.push(text) }),
  })
  return { log, screen: () => printed.join(''), written: () => readFileSync(file, 'utf8') }
}

const error = (message: string) => JSON.stringify({ level: 'ERROR', message })

it.each([
  ['stdout', `{"level":"ERROR","message":"${HOSTILE}"}`],
  ['stderr', `"level":"CRITICAL" ${HOSTILE}`],
  ['mapping', `error shardId-0 failed with ${HOSTILE}`],
  ['host', `error ${HOSTILE}`],
] as const)(
  'of an error on %s nothing is raw, in the log and on the screen, and each has one line',
  (stream, text) => {
    const { log, screen, written } = opened()
    log({ functionName: 'aggregator', stream, text })
    for (const shown of [screen(), written()]) {
      expect(shown).not.toMatch(HARMFUL)
      expect(shown).toContain('A\\u001b[2J\\u000d\\u000a2026')
      expect(shown.split('\n')).toHaveLength(2)
    }
  },
)

it('of many errors the screen shows the first of each function, and how many there were; the log has all', () => {
  const { log, screen, written } = opened()
  for (let client = 1; client <= 200; client++)
    log({ functionName: 'broadcaster', stream: 'stdout', text: error(`client ${client}`) })
  log({ functionName: 'api', stream: 'stdout', text: error('another') })
  vi.advanceTimersByTime(10_000)
  expect(screen().split('\n').slice(0, -1)).toEqual([
    ...[1, 2, 3, 4, 5].map((client) => `broadcaster: ${error(`client ${client}`)}`),
    `api: ${error('another')}`,
    'broadcaster: 195 more errors within 10 s; all are in functions.log',
  ])
  expect(written().split('\n')).toHaveLength(202)
  log({ functionName: 'broadcaster', stream: 'stdout', text: error('later') })
  expect(screen()).toContain('later')
})

it('what is no error is in the log alone, and a mapping that repeats its error is shown once', () => {
  const { log, screen, written } = opened()
  log({ functionName: 'api', stream: 'stdout', text: JSON.stringify({ level: 'WARN', message: 'x' }) })
  log({ functionName: 'api', stream: 'mapping', text: 'warn shardId-0 x' })
  expect(screen()).toBe('')
  for (let tries = 0; tries < 3; tries++)
    log({ functionName: 'api', stream: 'mapping', text: 'error shardId-0 x' })
  expect(screen()).toBe('api: error shardId-0 x\n')
  expect(written().split('\n')).toHaveLength(6)
})
