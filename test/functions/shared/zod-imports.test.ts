import { globSync, readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

const BY_NAME = /^import (type )?(\{[^}]*\}|\w+) from 'zod'/m

it('zod is imported as a namespace: by name, a bundle takes all of it, with its texts in 40 languages', () => {
  const files = globSync('{functions,lib,bin,feed,localstack}/**/*.ts')
  expect(files.length).toBeGreaterThan(200)
  expect(files.filter((path) => BY_NAME.test(readFileSync(path, 'utf8')))).toEqual([])
  expect("import { z } from 'zod'").toMatch(BY_NAME)
})
