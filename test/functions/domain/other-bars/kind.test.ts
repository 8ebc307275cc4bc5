import { describe, expect, it } from 'vitest'

import { needsSides, parseBarKind } from '../../../../functions/domain/other-bars/kind.ts'
import { kindOf } from '../../../support/other-bars.ts'

describe('the name of a kind of bars', () => {
  it.each([
    ['seconds:59', { type: 'time', seconds: 59 }],
    ['15Min', { type: 'time', seconds: 900 }],
    ['1Day', { type: 'time', seconds: 86_400 }],
    ['tick:500', { type: 'sum', measure: 'tick', least: 500n }],
    ['volume:10.5', { type: 'sum', measure: 'volume', least: 10_500_000_000_000_000_000n }],
    ['dollar:1e6', { type: 'sum', measure: 'dollar', least: 10n ** 42n }],
    ['imbalance:dollar:1', { type: 'imbalance', measure: 'dollar', least: 10n ** 36n }],
    ['renko:0.5', { type: 'renko', size: 5n * 10n ** 17n }],
    ['heikin-ashi:1Min', { type: 'heikin-ashi', of: { type: 'time', seconds: 60 } }],
  ])('%s is read', (name, kind) => {
    expect(parseBarKind(name)).toEqual(kind)
  })

  it.each([
    'seconds:0',
    'seconds:60',
    '60Min',
    '2Day',
    'tick:0',
    'tick:1.5',
    'volume:0',
    'volume:-1',
    'volume:x',
    'volume:0.0000000000000000001',
    'dollar:',
    'imbalance:500',
    'imbalance:time:5',
    'renko:1:2',
    'heikin-ashi:heikin-ashi:1Min',
    'toString:1',
    '',
  ])('%j is refused, with what may be given', (name) => {
    const kind = parseBarKind(name)
    expect(kind).toHaveProperty(
      'fault',
      expect.stringMatching(/is no kind of bars: .+\. Give seconds:1 to .+heikin-ashi:/),
    )
  })

  it('tells which kinds need the sides of trades', () => {
    expect(
      ['tick:5', 'imbalance:tick:5', 'heikin-ashi:imbalance:tick:5'].map((name) => needsSides(kindOf(name))),
    ).toEqual([false, true, true])
  })
})
