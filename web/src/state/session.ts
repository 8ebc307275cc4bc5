import { signal } from '@preact/signals'

import { request } from '../api/request.ts'
import { doneSchema, type Session, sessionSchema } from '../api/system-schemas.ts'

/** Who is signed in; undefined until that is read. */
export const session = signal<Session | undefined>(undefined)
/** Nobody is signed in any longer; the page keeps its place. */
export const hasEnded = signal(false)

export async function readSession(): Promise<void> {
  session.value = await request('/session', { schema: sessionSchema })
  hasEnded.value = false
}

export function endSession(): void {
  hasEnded.value = true
}

/** Ends the session of `npm start`. */
export async function signOutHere(): Promise<void> {
  await request('/session/end', { schema: doneSchema, method: 'POST' })
  endSession()
}
