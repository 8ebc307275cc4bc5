/** How a statement begins, up to its table and the index that it may name. */
const beginning =
  /^\s*(?:(?<verb>INSERT\s+INTO|UPDATE|DELETE\s+FROM)|SELECT\s.*?\sFROM)\s+"?(?<table>[\w.-]+)"?(?:\."(?<index>[\w.-]+)")?/is

const ACTIONS: Readonly<Record<string, string>> = {
  INSERT: 'PartiQLInsert',
  UPDATE: 'PartiQLUpdate',
  DELETE: 'PartiQLDelete',
}

/** The action that IAM has for a statement, and its table, with the index of a SELECT; undefined for what is no statement. */
export function actionOfStatement(
  text: string,
): { readonly action: string; readonly table: string } | undefined {
  const groups = beginning.exec(text)?.groups
  if (groups === undefined) return undefined
  const verb = (groups['verb'] ?? '').split(/\s/)[0]?.toUpperCase() ?? ''
  const index = groups['index']
  const table = `${groups['table']}${index === undefined ? '' : `/index/${index}`}`
  return { action: ACTIONS[verb] ?? 'PartiQLSelect', table }
}
