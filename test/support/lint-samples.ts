import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import * as z from 'zod'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const reportSchema = z.object({
  diagnostics: z.array(z.object({ filename: z.string(), code: z.string() })),
})

/**
 * The names of the samples that the repository's own lint rules refuse.
 *
 * @param samples lines by name, each to be a file of its own
 * @param options `folder`: where in the repository; `rules`: which rules count
 */
export function refusedSamples(
  samples: Readonly<Record<string, string>>,
  { folder, rules }: { readonly folder: string; readonly rules: RegExp },
): string[] {
  const root = mkdtempSync(join(tmpdir(), 'tickstock-lint-'))
  try {
    for (const part of ['.oxlintrc.json', 'lint'])
      cpSync(join(ROOT, part), join(root, part), { recursive: true })
    const names = new Map<string, string>()
    for (const [index, [name, line]] of Object.entries(samples).entries()) {
      const file = join(folder, `sample-${index}.ts`)
      names.set(file, name)
      mkdirSync(join(root, dirname(file)), { recursive: true })
      writeFileSync(join(root, file), `${line}\n`)
    }
    const { stdout } = spawnSync(
      join(ROOT, 'node_modules/.bin/oxlint'),
      ['--format', 'json', folder.split('/')[0] ?? folder],
      { cwd: root, encoding: 'utf8' },
    )
    const { diagnostics } = reportSchema.parse(JSON.parse(stdout))
    const counted = diagnostics.filter(({ code }) => rules.test(code))
    return [...new Set(counted.map(({ filename }) => names.get(filename) ?? filename))].toSorted()
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
