import type { CorporateAction } from '../../../../functions/bar-writer/corporate-actions.ts'
import { writeActions } from '../../../../functions/bar-writer/write-actions.ts'
import type { ApiHarness } from '../harness.ts'

/** Lets these be all corporate actions of a database. */
export async function storeActions(
  { server }: Pick<ApiHarness, 'server'>,
  actions: readonly CorporateAction[],
): Promise<void> {
  await server.as('app_readwrite', async (client) => {
    await client.query('DELETE FROM corporate_actions')
    await writeActions(client, { type: 'corporate-actions', actions: [...actions], whole: [] })
  })
}
