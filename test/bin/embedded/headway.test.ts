import type { MappingLag } from 'embedded-aws'
import { describe, expect, it } from 'vitest'

import { lateIn, reportHeadway } from '../../../bin/embedded/headway.ts'

const lagOf = (functionName: string, records: number, oldestMs: number): MappingLag => ({
  mapping: `mapping of ${functionName}`,
  streamName: 'ticks',
  functionName,
  records,
  oldestMs,
  settled: 7,
})

describe('a function behind its stream', () => {
  it('is one whose oldest record waits for more than a minute', () => {
    const lag = [
      lagOf('idle', 0, 0),
      lagOf('live', 20, 60_000),
      lagOf('late', 1, 60_001),
      lagOf('later', 499, 360_000),
    ]
    expect(lateIn(lag).map(({ functionName }) => functionName)).toEqual(['later', 'late'])
  })

  it('is reported once, and once more when it has caught up', () => {
    const printed: string[] = []
    const report = reportHeadway({ print: (line) => void printed.push(String(line)) }, 'functions.log')
    report([])
    report([lagOf('aggregator', 499, 61_000)])
    report([lagOf('aggregator', 510, 62_000), lagOf('bar-writer', 1, 300_000)])
    report([lagOf('bar-writer', 1, 301_000)])
    report([])
    expect(printed).toEqual([
      '499 records of ticks wait for aggregator, the oldest for 61 s: a shard makes no headway, or too little; errors are in functions.log',
      '1 record of ticks waits for bar-writer, the oldest for 5 min: a shard makes no headway, or too little; errors are in functions.log',
      'aggregator is no longer behind on ticks',
      'bar-writer is no longer behind on ticks',
    ])
  })
})
