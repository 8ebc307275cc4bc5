import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import type { Answer } from './answer.ts'
import type { Session, Sessions } from './sessions.ts'

/** Cookies are shared by all ports of a host: each dashboard has one of its own. */
function cookieName({ socket: { localPort } }: IncomingMessage): string {
  return `tickstock_${localPort}`
}

/** The session that the cookie of a request names; undefined without a valid one. */
export function sessionOf(sessions: Sessions, request: IncomingMessage): Session | undefined {
  const prefix = `${cookieName(request)}=`
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
  const id = pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length)
  return id === undefined ? undefined : sessions.find(id)
}

/** Exchanges a one-time key for a session, and leads to the page. */
export function signIn(sessions: Sessions, request: IncomingMessage, key: string): Answer {
  const id = sessions.signIn(key)
  // The link was opened again by a browser that it had signed in.
  if (id === undefined && sessionOf(sessions, request) === undefined) return pleaseSignIn()
  return {
    status: 303,
    headers: {
      location: '/',
      'cache-control': 'no-store',
      ...(id !== undefined && { 'set-cookie': cookieOf(request, id) }),
    },
  }
}

/** Takes the cookie from the browser. */
export function signedOut(request: IncomingMessage): Answer {
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'set-cookie': `${cookieOf(request, '')}; Max-Age=0`,
    },
    body: '{"done":true}',
  }
}

function cookieOf(request: IncomingMessage, value: string): string {
  return `${cookieName(request)}=${value}; Path=/; HttpOnly; SameSite=Strict`
}

const STYLE = 'body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}'
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')
const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>TickStock: sign in</title><style>${STYLE}</style></head>
<body><h1>Sign in to TickStock</h1>
<p>Open the address that <code>npm start</code> printed in its first line. It signs in once, and is new after each start.</p>
<p><code>npx tickstock dashboard</code> prints another one.</p></body></html>
`

/** The answer to whoever has no session. */
export function pleaseSignIn(): Answer {
  return {
    status: 401,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
    body: PAGE,
  }
}
