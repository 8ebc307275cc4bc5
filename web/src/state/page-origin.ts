import type { Question } from '../api/addresses.ts'

/** What a page that signs people in at an issuer is told by where it is served: a file beside it. */
export const CONFIG: Question = { path: '/config.json' }

/** Whether a cookie says who is signed in: the server of `npm start` marks the document so. */
export function hasCookie(): boolean {
  return document.documentElement.dataset['signIn'] === 'session'
}
