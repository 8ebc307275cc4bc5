import { Annotations, Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'

import { readConfig } from '../../lib/config/read-config.ts'
import { ConfigError } from '../../lib/config/config-error.ts'
import { stackOf } from '../support/template.ts'

/** What the synthesis of stage `local` warns of. */
function warningsOf(context: Readonly<Record<string, string>>): unknown[] {
  const stack = stackOf({ stage: 'local', ...context })
  return Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp('the state of a symbol'))
    .map(({ entry }) => entry.data)
}

describe('a config with which the state of a symbol', () => {
  it('stays below 4 KB whatever its prices are, which is the default, says nothing', () => {
    expect(warningsOf({})).toEqual([])
  })

  it.each([
    ['latenessSeconds', '600', 'latenessSeconds is 600'],
    ['indicators', 'sma(500)', 'indicators is "sma(500)"'],
    ['indicators', 'sma(500) stochastic(500,500,500)', 'indicators is "sma(500) stochastic(500,500,500)"'],
  ])('may take more warns at synthesis with the key, its value and the bytes: %s %s', (key, value, says) => {
    const [warning] = warningsOf({ [key]: value })
    expect(warning).toMatch(
      /may take \d{4,5} bytes, \d+ write units for a bar, where up to 4096 bytes are meant/,
    )
    expect(warning).toContain(says)
  })

  it('may not fit into an item is refused', () => {
    const stochastics = Array.from({ length: 50 }, (_, index) => `stochastic(14,500,${500 - index})`)
    const context: Readonly<Record<string, string>> = { stage: 'local', indicators: stochastics.join(' ') }
    const read = () => readConfig((key) => context[key])
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(
      /indicators is "stochastic\(14,500,500\) .* may take \d{6} bytes with latenessSeconds 120; allowed are 409600/,
    )
  })
})
