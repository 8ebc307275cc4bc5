/**
 * A line that a function wrote to stdout or stderr, or that reports a problem in invoking it: of an event source mapping, or
 * of the host of its workers.
 */
export type FunctionLogLine = {
  readonly functionName: string
  readonly stream: 'stdout' | 'stderr' | 'mapping' | 'host'
  readonly text: string
}
