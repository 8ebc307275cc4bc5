import { signal } from '@preact/signals'

import { chart } from './chart.ts'

/** Unix seconds of the bar whose values are shown; null: the newest. */
export const hovered = signal<number | null>(null)

/** Moves to the bar before or behind. */
export function moveHover(places: number): void {
  const model = chart.peek()
  if (model === undefined) return
  const times = [...new Set([...model.bars.peek(), ...model.tail.peek()].map(({ time }) => time))]
  const index = hovered.value === null ? times.length - 1 : times.indexOf(hovered.value)
  hovered.value = times[Math.min(times.length - 1, Math.max(0, index + places))] ?? null
}
