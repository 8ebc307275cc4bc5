/** What a deployment takes at a time, in MiB and files. */
export type Sample = {
  readonly memoryMb: number
  readonly postgresMb: number
  /** Of all processes. */
  readonly openFiles: number
  readonly tablesMb: number
  readonly tableFiles: number
  /** Grows until the records of the first day are as old as the stream keeps them. */
  readonly streamsMb: number
  /** Grows with the bars. */
  readonly databaseMb: number
  readonly otherMb: number
  /** Grows to twice 50 MiB. */
  readonly logMb: number
}

/** What must not grow with time: by how much it may differ, beside a quarter. */
const STEADY = {
  memoryMb: { name: 'memory', slack: 100 },
  postgresMb: { name: 'memory of Postgres', slack: 50 },
  openFiles: { name: 'the number of open files', slack: 100 },
  tablesMb: { name: 'the folder of the tables', slack: 20 },
  tableFiles: { name: 'the number of files of the tables', slack: 20 },
  otherMb: { name: 'the rest of the data folder', slack: 10 },
} as const

/** Names what takes more in the last third of the samples than in the middle one: the first is the start. */
export function growing(samples: readonly Sample[]): string[] {
  const third = Math.floor(samples.length / 3)
  if (third === 0) return []
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(-third)]
  return Object.keys(STEADY).flatMap((key) => {
    if (!isSteady(key)) return []
    const { name, slack } = STEADY[key]
    const [before, after] = [middle, last].map((each) => mean(each.map((sample) => sample[key])))
    return (after ?? 0) > (before ?? 0) * 1.25 + slack ? [name] : []
  })
}

function isSteady(key: string): key is keyof typeof STEADY {
  return Object.hasOwn(STEADY, key)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
