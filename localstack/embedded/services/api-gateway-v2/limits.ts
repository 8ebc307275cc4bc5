/**
 * What API Gateway allows a WebSocket connection, none of which an account can have raised:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
 */
export const limits = {
  /** Bytes of a message, either way. */
  messageBytes: 128 * 1024,
  /** Bytes of the payload of one frame that a client sends. */
  frameBytes: 32 * 1024,
  idleMs: 10 * 60_000,
  connectionMs: 2 * 60 * 60_000,
  /** How long an integration may take when its template does not say. */
  integrationMs: 29_000,
  /**
   * Bytes that wait for a client that does not read. AWS does not say how many it keeps: here a connection with more
   * is closed, so that a client that stands still costs no more memory than this.
   */
  bufferedBytes: 1024 * 1024,
  /**
   * Messages of one connection that are handled at a time. AWS does not say how many it takes: here the rest waits with its
   * client, since a function has the threads of one machine only.
   */
  messagesAtOnce: 4,
  /** How long a message that is refused without a function counts among them. */
  refusalMs: 20,
  /** How long a client may take to answer the close of its connection. */
  closeMs: 2000,
} as const
