import UPlot from 'uplot'

const SIZE = { width: 76, height: 26 }

let stroke = ''
let plot: UPlot | undefined

/**
 * Draws a line through points of time and value.
 *
 * One plot draws one line after the other: a canvas in each row would be a layer of its own, which costs with every frame
 * of the page.
 *
 * @returns the picture, as the address of an image
 */
export function drawLine(points: readonly (readonly [number, number])[], color: string): string {
  const drawing = (plot ??= new UPlot(OPTIONS))
  stroke = color
  const data: UPlot.AlignedData = [points.map(([time]) => time), points.map(([, value]) => value)]
  // By then it is drawn.
  drawing.batch(() => drawing.setData(data))
  return drawing.ctx.canvas.toDataURL()
}

const OPTIONS: UPlot.Options = {
  ...SIZE,
  padding: [3, 1, 3, 1],
  cursor: { show: false },
  legend: { show: false },
  axes: [{ show: false }, { show: false }],
  scales: { x: { time: false } },
  series: [{}, { stroke: () => stroke, width: 1.25, points: { show: false } }],
}
