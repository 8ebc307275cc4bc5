import { signal } from '@preact/signals'

import { messageOf } from '../api/request.ts'
import { notify } from './notices.ts'

/** Something that is asked once more before it is done. */
export type Question = {
  readonly title: string
  readonly text: string
  /** What the button says. */
  readonly action: string
  readonly isDanger?: boolean
  readonly run: () => Promise<void>
  /** What is said when it is done. */
  readonly done: string
}

export const question = signal<Question | undefined>(undefined)
export const isHelpShown = signal(false)

/** Does what was asked. */
export async function confirm(asked: Question): Promise<void> {
  question.value = undefined
  try {
    await asked.run()
    notify('info', asked.done)
  } catch (error) {
    notify('error', `${asked.title} failed. ${messageOf(error)}`)
  }
}
