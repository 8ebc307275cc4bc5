import type { Venue } from './venue.ts'

/** A venue where a server of another address speaks its protocol. */
export function reachedAt(venue: Venue, server: string | undefined): Venue {
  if (server === undefined) return venue
  const { pathname } = new URL(venue.webSocketUrl)
  return { ...venue, restUrl: server, webSocketUrl: `${server.replace(/^http/, 'ws')}${pathname}` }
}
