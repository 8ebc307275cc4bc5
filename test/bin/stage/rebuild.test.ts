import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'

import { rebuildSymbols } from '../../../bin/stage/rebuild.ts'
import { MAX_JOB_SYMBOLS } from '../../../functions/jobs/job-symbols.ts'
import type { WholeJob } from '../../../functions/jobs/job-view.ts'

const FROM = Date.parse('2025-10-10') / 1000
const SYMBOLS = Array.from({ length: MAX_JOB_SYMBOLS + 1 }, (_, index) => `S${index}`)

beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(() => vi.restoreAllMocks())

/** Jobs that end in these states, one after the other. */
function jobsEnding(...states: readonly WholeJob['state'][]) {
  const submitted: number[] = []
  const shown: string[] = []
  const jobOf = (id: string): WholeJob => ({
    id,
    type: 'rebuild',
    state: states[Number(id)] ?? 'done',
    symbol_count: 1,
    from: '2025-10-10T00:00:00Z',
    to: '2025-10-11T00:00:00Z',
    replace: false,
    submitted_at: '2025-11-10T12:00:00Z',
    submitted_by: 'ann',
    started_at: null,
    ended_at: '2025-11-10T12:00:01Z',
    cancelled_by: null,
    tasks: { total: 1, done: 1, failed: 0, running: 0, waiting: 0 },
    counts: {},
    symbols: [],
    failures: [],
  })
  const client = {
    submit: async (body: unknown) => {
      const { symbols } = z.object({ symbols: z.array(z.string()) }).parse(body)
      return jobOf(String(submitted.push(symbols.length) - 1))
    },
    show: async (id: string) => {
      shown.push(id)
      return jobOf(id)
    },
    cancel: async (id: string) => jobOf(id),
  }
  return { client, submitted, shown }
}

describe('a rebuild of more symbols than a job takes', () => {
  it('follows each of its jobs, also after one that failed', async () => {
    const { client, submitted, shown } = jobsEnding('failed', 'done')
    expect(await rebuildSymbols(client, { symbols: SYMBOLS, from: FROM })).toBe(1)
    expect(submitted).toEqual([MAX_JOB_SYMBOLS, 1])
    expect(shown).toEqual(['0', '1'])
  })

  it('submits none after one that was cancelled', async () => {
    const { client, submitted } = jobsEnding('cancelled')
    expect(await rebuildSymbols(client, { symbols: SYMBOLS, from: FROM })).toBe(1)
    expect(submitted).toEqual([MAX_JOB_SYMBOLS])
  })

  it('submits all and follows none with detach', async () => {
    const { client, submitted, shown } = jobsEnding('failed', 'failed')
    expect(await rebuildSymbols(client, { symbols: SYMBOLS, from: FROM, detach: true })).toBe(0)
    expect([submitted, shown]).toEqual([[MAX_JOB_SYMBOLS, 1], []])
  })
})
