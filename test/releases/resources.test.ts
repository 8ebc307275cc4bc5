import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { templateOf } from '../support/template.ts'

const resourcesSchema = z.record(
  z.string(),
  z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()) }),
)
const releases = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

describe.each(releases)('a deployment of release %s', (release) => {
  it.each(['local', 'dev', 'prod'])(
    'keeps its streams, tables, buckets, database and names in stage %s',
    (stage) => {
      const path = join(import.meta.dirname, release, `resources-${stage}.json`)
      const before = resourcesSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
      const { Resources } = z
        .object({ Resources: resourcesSchema })
        .parse(withProperties(templateOf({ stage }).toJSON()))
      expect(Object.keys(before).length).toBeGreaterThan(15)
      for (const [id, { Type, Properties }] of Object.entries(before))
        expect({ id, ...Resources[id] }).toMatchObject({ id, Type, Properties })
    },
  )
})

/** Resources may have no properties. */
function withProperties(template: unknown): unknown {
  const schema = z.looseObject({
    Resources: z.record(z.string(), z.looseObject({ Properties: z.unknown().optional() })),
  })
  const { Resources } = schema.parse(template)
  return {
    Resources: Object.fromEntries(
      Object.entries(Resources).map(([id, each]) => [id, { ...each, Properties: each.Properties ?? {} }]),
    ),
  }
}
