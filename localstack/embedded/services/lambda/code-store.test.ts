import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../testing/helpers.ts'
import { openCodeStore } from './code-store.ts'

function stored(code: 'copy' | 'assembly') {
  const asset = temporaryFolder({ 'index.mjs': 'export const handler = () => {}' })
  const root = join(temporaryFolder(), 'code')
  const store = openCodeStore(root, { assets: new Map([['code.zip', asset]]), code })
  return { asset, root, folder: store.folder({ assetKey: 'code.zip' }) }
}

it('a copy of the code outlives the assembly', () => {
  const { asset, root, folder } = stored('copy')
  rmSync(asset, { recursive: true })
  expect(folder.startsWith(root)).toBe(true)
  expect(existsSync(join(folder, 'index.mjs'))).toBe(true)
})

it('without a copy functions run from the assembly', () => {
  const { asset, folder } = stored('assembly')
  expect(folder).toBe(asset)
})
