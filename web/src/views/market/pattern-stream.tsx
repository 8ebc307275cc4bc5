import { computed, signal } from '@preact/signals'

import { confidenceText, isShown, patternName } from '../../market/patterns.ts'
import { watched } from '../../state/lists.ts'
import { marketPatterns } from '../../state/pattern-stream.ts'
import { place } from '../../state/place.ts'
import { timeText } from '../../values/format-time.ts'
import { Panel } from '../shell/panel.tsx'
import { SymbolLink } from './symbol-link.tsx'

const MOST_ROWS = 100
const DIRECTIONS = ['bullish', 'bearish', 'neutral']
const CONFIDENCES = ['0', '0.25', '0.5', '0.6', '0.7', '0.8', '0.9']

const type = signal('')
const direction = signal('')
const confidence = signal('0.5')
const isOfList = signal(false)

const types = computed(() => [...new Set(marketPatterns.value.map((one) => one.type))].toSorted())
const shown = computed(() => {
  const filter = {
    types: type.value === '' ? [] : [type.value],
    direction: direction.value === '' ? null : direction.value,
    minConfidence: Number(confidence.value),
    symbols: isOfList.value ? new Set(watched.value) : undefined,
  }
  return marketPatterns.value.filter((pattern) => isShown(pattern, filter))
})

/** Patterns as they are detected, newest first. */
export function PatternStream() {
  const rows = shown.value.slice(0, MOST_ROWS)
  const note = `${shown.value.length} of the newest ${marketPatterns.value.length}`
  return (
    <Panel title="Patterns" note={note} class="pattern-stream">
      <Filters />
      {rows.length === 0 && <p class="empty">No pattern matches.</p>}
      <div class="table-scroll" tabIndex={0} role="region" aria-label="List of patterns">
        <table>
          <thead>
            <tr>
              <th scope="col">Bar</th>
              <th scope="col">Symbol</th>
              <th scope="col">Pattern</th>
              <th scope="col">Direction</th>
              <th scope="col" class="number">
                Confidence
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((pattern) => (
              <tr
                key={`${pattern.symbol} ${pattern.time} ${pattern.type}`}
                class={pattern.withdrawn ? 'is-withdrawn' : ''}
              >
                <td>{timeText(pattern.time, place.value.zone)}</td>
                <th scope="row">
                  <SymbolLink symbol={pattern.symbol} />
                </th>
                <td>
                  {patternName(pattern.type)}
                  {pattern.withdrawn && ' (withdrawn)'}
                </td>
                <td class={`is-${pattern.direction}`}>{pattern.direction}</td>
                <td class="number">{confidenceText(pattern.confidence)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}

function Filters() {
  return (
    <div class="filters" role="group" aria-label="Which patterns">
      <Choice label="Pattern" chosen={type} values={types.value} all="all patterns" name={patternName} />
      <Choice
        label="Direction"
        chosen={direction}
        values={DIRECTIONS}
        all="both ways"
        name={(text) => text}
      />
      <Choice
        label="Confidence, at least"
        chosen={confidence}
        values={CONFIDENCES}
        name={(text) => `≥ ${text}`}
      />
      <label>
        <input
          type="checkbox"
          checked={isOfList.value}
          onChange={({ currentTarget }) => {
            isOfList.value = currentTarget.checked
          }}
        />{' '}
        My list only
      </label>
    </div>
  )
}

type ChoiceProps = {
  readonly label: string
  readonly chosen: { value: string }
  readonly values: readonly string[]
  readonly all?: string
  readonly name: (text: string) => string
}

function Choice({ label, chosen, values, all, name }: ChoiceProps) {
  return (
    <label>
      <span class="unseen">{label}</span>
      <select
        title={label}
        value={chosen.value}
        onChange={({ currentTarget }) => {
          chosen.value = currentTarget.value
        }}
      >
        {all !== undefined && <option value="">{all}</option>}
        {values.map((value) => (
          <option key={value} value={value}>
            {name(value)}
          </option>
        ))}
      </select>
    </label>
  )
}
