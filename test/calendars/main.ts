import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { exchangeData } from './exchange-table.ts'
import { readSessions, SOURCE } from './read-sessions.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FILE = 'functions/domain/calendar/exchange-data.ts'
const FIRST = '2000-01-01'
const YEARS_AHEAD = 2

/** Writes the calendars of exchanges anew, to the end of the year after next: `npm run calendars`. */
const last = `${new Date().getUTCFullYear() + YEARS_AHEAD}-12-31`
const sessions = await readSessions('sessions.py', { first: FIRST, last })
const table = Object.fromEntries([...sessions].map(([name, each]) => [name, exchangeData(name, each, FIRST)]))
const text = `import type { ExchangeData } from './exchanges.ts'

/** Written by \`npm run calendars\` from ${SOURCE.name} ${SOURCE.version}. */
export const EXCHANGES: Readonly<Record<string, ExchangeData>> = ${JSON.stringify(table)}
`
writeFileSync(`${ROOT}/${FILE}`, text)
execFileSync('npx', ['oxfmt', FILE], { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32' })
for (const [name, each] of sessions)
  process.stdout.write(`${name}: ${each.sessions.length} days to ${each.last}\n`)
