export function nodeFile(platform: NodeJS.Platform): string
export function npmCommand(process: {
  readonly platform: NodeJS.Platform
  readonly execPath: string
  readonly npmPath: string | undefined
}): [string, ...string[]]
