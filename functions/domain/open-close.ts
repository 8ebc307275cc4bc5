import type { BarBuilder } from './bar-builder.ts'

/** Takes a price as open or close by its time; of two trades at one time the first opens and the last closes. */
export function setOpenClose(bar: BarBuilder, units: number, seconds: number, nanos: number): void {
  const second = secondIn(bar, seconds)
  if (Number.isNaN(bar.open) || opensBefore(bar, second, nanos)) {
    bar.open = units
    setOpenTime(bar, second, nanos)
  }
  if (Number.isNaN(bar.close) || !closesAfter(bar, second, nanos)) {
    bar.close = units
    setCloseTime(bar, second, nanos)
  }
}

/** Whole seconds of a time after the minute's start. Small integers, here and below: they take no memory of their own. */
export function secondIn({ start }: BarBuilder, seconds: number): number {
  return (seconds - start) | 0
}

export function setOpenTime(bar: BarBuilder, second: number, nanos: number): void {
  bar.openSecond = second
  bar.openNanos = nanos | 0
}

export function setCloseTime(bar: BarBuilder, second: number, nanos: number): void {
  bar.closeSecond = second
  bar.closeNanos = nanos | 0
}

/** True for a time before that of the open. */
export function opensBefore({ openSecond, openNanos }: BarBuilder, second: number, nanos: number): boolean {
  return second < openSecond || (second === openSecond && nanos < openNanos)
}

/** True for a time before that of the close. */
export function closesAfter({ closeSecond, closeNanos }: BarBuilder, second: number, nanos: number): boolean {
  return second < closeSecond || (second === closeSecond && nanos < closeNanos)
}
