import { colorOf } from '../../state/theme.ts'

/** Colors of the chart, from the style sheet. */
export type ChartColors = ReturnType<typeof chartColors>

/** Reads them; they change with the theme. */
export function chartColors() {
  return {
    background: colorOf('panel'),
    text: colorOf('muted'),
    strong: colorOf('text'),
    grid: colorOf('grid'),
    line: colorOf('line'),
    up: colorOf('up'),
    down: colorOf('down'),
    upSoft: colorOf('up-soft'),
    downSoft: colorOf('down-soft'),
    warning: colorOf('warning'),
    correction: colorOf('correction'),
    neutral: colorOf('accent'),
    lines: Array.from({ length: 8 }, (_, index) => colorOf(`line-${index + 1}`)),
  }
}
