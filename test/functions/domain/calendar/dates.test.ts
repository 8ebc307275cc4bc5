import { expect, it } from 'vitest'

import { dayNumber, firstDayOf, monthOf, weekdayOf } from '../../../../functions/domain/calendar/dates.ts'

it('days, months and days of the week are those of the calendar, leap days and centuries included', () => {
  const first = Date.parse('1899-12-25') / 86_400_000
  const wrong: string[] = []
  for (let day = first; day < first + 110_000; day++) {
    const date = new Date(day * 86_400_000)
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
    const isRight =
      dayNumber(year, month + 1, date.getUTCDate()) === day &&
      monthOf(day) === year * 12 + month &&
      firstDayOf(monthOf(day)) === Date.UTC(year, month) / 86_400_000 &&
      weekdayOf(day) === (date.getUTCDay() + 6) % 7
    if (!isRight) wrong.push(date.toISOString())
  }
  expect(wrong).toEqual([])
})
