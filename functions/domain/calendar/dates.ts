/** Days since 1970-01-01 of a date of the Gregorian calendar; years begin in March, so that leap days come last. */
export function dayNumber(year: number, month: number, day: number): number {
  const years = month <= 2 ? year - 1 : year
  const months = (month + 9) % 12
  return (
    365 * years +
    Math.floor(years / 4) -
    Math.floor(years / 100) +
    Math.floor(years / 400) +
    Math.floor((153 * months + 2) / 5) +
    day -
    719_469
  )
}

/** Months since January of the year 0 in which a day (since 1970-01-01) lies. */
export function monthOf(day: number): number {
  // No month is further off than one from the mean length.
  const guess = Math.floor((day + 719_528) / 30.436_875)
  return [guess + 1, guess].find((month) => firstDayOf(month) <= day) ?? guess - 1
}

/** The first day, since 1970-01-01, of a month, counted since January of the year 0. */
export function firstDayOf(month: number): number {
  const year = Math.floor(month / 12)
  return dayNumber(year, month - year * 12 + 1, 1)
}

/** The day of the week: 0 for a Monday, 6 for a Sunday. */
export function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7
}
