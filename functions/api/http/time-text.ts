const DAY_SECONDS = 86_400

/** The day of the time before: bars come by the hundred from the same one, and `Date` is slow. */
let day = { number: Number.NaN, text: '' }

/** Unix seconds as ISO 8601 in UTC. */
export function timeText(seconds: number): string {
  const number = Math.floor(seconds / DAY_SECONDS)
  if (number !== day.number)
    day = { number, text: new Date(number * DAY_SECONDS * 1000).toISOString().slice(0, 11) }
  const rest = seconds - number * DAY_SECONDS
  return `${day.text}${two(rest / 3600)}:${two((rest / 60) % 60)}:${two(rest % 60)}Z`
}

function two(value: number): string {
  const whole = Math.floor(value)
  return whole < 10 ? `0${whole}` : String(whole)
}
