/** A line that a function wrote to stdout or stderr, or that tells of trouble in feeding it. */
export type FunctionLogLine = {
  readonly functionName: string
  readonly stream: 'stdout' | 'stderr' | 'mapping'
  readonly text: string
}
