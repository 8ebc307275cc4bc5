import { describe, expect, it } from 'vitest'

import { ConfigError, readConfig } from '../../lib/config.ts'

const read = (context: Readonly<Record<string, unknown>>) => readConfig((key) => context[key])

describe('the config', () => {
  it('has a default for everything but the stage', () => {
    expect(read({ stage: 'local' })).toMatchObject({ latency: 'low', latenessSeconds: 120, graceMs: 2000 })
  })

  it('takes numbers as text too, as the command line gives them', () => {
    expect(read({ stage: 'local', tickShards: '4' }).tickShards).toBe(4)
  })

  it.each([
    [{}, /stage is not set/],
    [{ stage: 'moon' }, /stage is "moon": .*local/],
    [{ stage: 'local', tickShards: 0 }, /tickShards is 0: allowed is a whole number from 1 to 500/],
    [{ stage: 'local', graceMs: 'soon' }, /graceMs is "soon": allowed is a whole number from 0 to 30000/],
    [{ stage: 'local', latency: 'none' }, /latency is "none": .*low.*economy/],
  ])('%j names the key, the value and what is allowed', (context, says) => {
    expect(() => read(context)).toThrow(ConfigError)
    expect(() => read(context)).toThrow(says)
  })
})
