import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'
import * as z from 'zod'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const sbomSchema = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(z.object({ 'bom-ref': z.string(), purl: z.string() })),
})
const packageSchema = z.object({ dependencies: z.record(z.string(), z.string()) })

it('the software bill of materials has every package that runs, in the version that is pinned', () => {
  const printed = execFileSync('npm', ['run', '--silent', 'sbom'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  })
  const { components } = sbomSchema.parse(JSON.parse(printed))
  const names = components.map((each) => each['bom-ref'])
  const { dependencies } = packageSchema.parse(JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')))
  expect(Object.keys(dependencies).length).toBeGreaterThan(10)
  const external = Object.entries(dependencies).filter(([, version]) => /^\d/.test(version))
  for (const [name, version] of external) expect(names).toContain(`${name}@${version}`)
})
