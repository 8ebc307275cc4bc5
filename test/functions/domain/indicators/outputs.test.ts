import { describe, expect, it } from 'vitest'

import { selectionOf } from '../../../../functions/domain/indicators/outputs.ts'
import { selectIndicators } from '../../../../functions/domain/indicators/select.ts'
import { DEFAULT_INDICATORS } from '../../../../functions/domain/indicators/table.ts'

const selections = selectIndicators(`${DEFAULT_INDICATORS} bollinger(20,2.5) rsi(2)`, { vwapDayOf: () => 0 })

describe('the name of a value', () => {
  it.each(selections.map(({ name, outputs }) => [name, outputs] as const))(
    'tells that %s gives it',
    (name, outputs) => {
      expect(outputs.map(selectionOf)).toEqual(outputs.map(() => name))
    },
  )

  it.each([
    'sma',
    'sma_',
    'sma_020',
    'sma_20_',
    'sma_2e1',
    'sma_20_5',
    'obv_1',
    'rsi_-4',
    'price',
    '',
    'macd_1_2',
  ])('that no indicator gives is none: "%s"', (name) => {
    expect(selectionOf(name)).toBeUndefined()
  })
})
