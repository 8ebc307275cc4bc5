/** A line that a function wrote to stdout or stderr, or that reports a problem in invoking it. */
export type FunctionLogLine = {
  readonly functionName: string
  readonly stream: 'stdout' | 'stderr' | 'mapping'
  readonly text: string
}
