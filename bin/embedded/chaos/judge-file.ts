import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

import { messageOf } from 'embedded-aws/errors'

import { UsageError } from '../../terminal/errors.ts'
import { openScreen } from '../../terminal/screen.ts'
import { type HistoryEvent, parseEvent } from './outside/history.ts'
import { judge } from './outside/judge.ts'
import { printJudgement } from './report.ts'

/** Judges a history that was kept. */
export async function judgeFile(file: string): Promise<number> {
  const events: HistoryEvent[] = []
  let number = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    number++
    events.push(eventIn(line, `${file}:${number}`))
  }
  return printJudgement(judge(events), openScreen()) ? 0 : 1
}

function eventIn(line: string, place: string): HistoryEvent {
  try {
    return parseEvent(line)
  } catch (error) {
    throw new UsageError(`${place} is no event of a history: ${messageOf(error)}`, { cause: error })
  }
}
