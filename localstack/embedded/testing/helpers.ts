import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

/** Calls back when a test is over, or the tests of a `describe`, with vitest's `afterAll`; within a hook that is never called. */
export type OnceOver = (cleanUp: () => void) => void

/** A folder that is gone when the test is over; `files` are written into it. */
export function temporaryFolder(
  files: Readonly<Record<string, string>> = {},
  onceOver: OnceOver = onTestFinished,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-'))
  onceOver(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

/** Waits until `condition` gives something other than undefined or false; throws after 30 s, or as many as given. */
export async function eventually<Value>(
  what: string,
  condition: () => Value | Promise<Value>,
  { seconds = 30, everyMs = 10 }: { readonly seconds?: number; readonly everyMs?: number } = {},
): Promise<NonNullable<Value>> {
  const giveUp = Date.now() + seconds * 1000
  for (;;) {
    const value = await condition()
    if (value !== undefined && value !== null && value !== false) return value
    if (Date.now() > giveUp) throw new Error(`Timed out after ${seconds} s: ${what}`)
    await wait(everyMs)
  }
}

/** A folder as `cdk synth` writes it for one stack, `Small`, whose template is given. */
export function assemblyOf(
  template: unknown,
  files: Readonly<Record<string, string>> = {},
  onceOver: OnceOver = onTestFinished,
): string {
  return temporaryFolder(
    {
      'manifest.json': JSON.stringify({
        artifacts: {
          'Small.assets': { type: 'cdk:asset-manifest', properties: { file: 'Small.assets.json' } },
          Small: {
            type: 'aws:cloudformation:stack',
            properties: { templateFile: 'Small.template.json' },
            dependencies: ['Small.assets'],
          },
        },
      }),
      'Small.assets.json': JSON.stringify({
        files: {
          code: { source: { path: 'asset.code' }, destinations: { here: { objectKey: 'code.zip' } } },
        },
      }),
      'Small.template.json': JSON.stringify(template),
      ...files,
    },
    onceOver,
  )
}
