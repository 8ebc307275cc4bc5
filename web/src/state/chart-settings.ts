import { effect, signal } from '@preact/signals'

const KEY = 'tickstock.chart'

/** Which patterns are marked on the chart. */
export const arePatternsShown = signal(true)
/** A decimal from 0 to 1. */
export const minConfidence = signal('0.5')
/** Which table is shown below the chart; null: none. */
export const table = signal<'bars' | 'corrections' | 'patterns' | null>('corrections')

const TABLES = ['bars', 'corrections', 'patterns'] as const

/** Keeps them in the browser. */
export function keepChartSettings(): void {
  const kept = parsed(localStorage.getItem(KEY))
  if (kept['patterns'] === false) arePatternsShown.value = false
  const confidence = kept['minConfidence']
  if (typeof confidence === 'string' && /^[01](\.\d{1,2})?$/.test(confidence))
    minConfidence.value = confidence
  const shown = kept['table']
  table.value = shown === null ? null : (TABLES.find((one) => one === shown) ?? table.value)
  effect(() => {
    const settings = {
      patterns: arePatternsShown.value,
      minConfidence: minConfidence.value,
      table: table.value,
    }
    localStorage.setItem(KEY, JSON.stringify(settings))
  })
}

function parsed(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
