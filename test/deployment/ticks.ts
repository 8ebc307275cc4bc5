/** A record of one tick. */
export function tick(symbol: string, price: number, timestamp: number): string {
  return JSON.stringify({ symbol, price, volume: 1, timestamp })
}

/** The start of a minute that is over, in Unix seconds. */
export function minutesAgo(minutes: number): number {
  return (Math.floor(Date.now() / 60_000) - minutes) * 60
}
