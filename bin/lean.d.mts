/** What Node.js is to be started with for a command; undefined where it runs with it already, or needs nothing. */
export function leanStart(
  command: string | undefined,
  execArgv: readonly string[],
): { readonly flags: readonly string[]; readonly environment: Readonly<Record<string, string>> } | undefined
