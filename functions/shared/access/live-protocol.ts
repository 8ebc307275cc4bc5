/** The subprotocol of the WebSocket API. A browser names it beside its ticket; a program need not. */
export const LIVE_PROTOCOL = 'tickstock.v1'

/** A ticket among the subprotocols that a browser offers, the only header of a handshake that a page can set. */
export const TICKET_PROTOCOL = 'ticket.'

/** The subprotocols that a handshake offers; header names come in any case. */
export function offeredProtocols(headers: Readonly<Record<string, string | undefined>>): readonly string[] {
  return valuesOf(headers, 'sec-websocket-protocol').flatMap((value) =>
    value.split(',').map((each) => each.trim()),
  )
}

/** The values of a header, whatever the case of its name. */
export function valuesOf(
  headers: Readonly<Record<string, string | undefined>>,
  wanted: string,
): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    name.toLowerCase() === wanted && value !== undefined && value !== '' ? [value] : [],
  )
}
