/** What a server takes from a client. */
export type Limits = { readonly [Name in keyof typeof standardLimits]: number }

export const standardLimits = {
  /** Bytes of request line and headers; API Gateway takes 10,240, the function refuses what it cannot use. */
  headerBytes: 256 * 1024,
  /** How long request line and headers may take to arrive. */
  headersMs: 10_000,
  /** How long a body may take to arrive; on loopback 100 MiB take less than a second. */
  bodyMs: 30_000,
  /** How often both are looked at. */
  checkMs: 2_000,
  /** Connections at a time, WebSockets included; one more is closed at once. */
  connections: 2_048,
  /**
   * Connections that may wait to be accepted. With the usual 511, a burst of clients that meets a busy process leaves
   * some with a reset or a timeout.
   */
  backlog: 4096,
  /** How long a connection may be idle; 0: until its client closes it. Services of AWS close those that are. */
  idleMs: 0,
  /** How long what has begun may take when the server closes. */
  closeMs: 1_000,
} as const
