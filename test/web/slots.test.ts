import { expect, it } from 'vitest'

import { Slots } from '../../web/src/api/slots.ts'

it('requests wait for each other in order, also behind one that fails', async () => {
  const slots = new Slots(2)
  const [log, ends]: [string[], (() => void)[]] = [[], []]
  const work = (name: string) => async () => {
    log.push(name)
    await new Promise<void>((resolve) => void ends.push(resolve))
    if (name === 'b') throw new Error(name)
    return name
  }
  const results = ['a', 'b', 'c', 'd'].map((name) =>
    slots.run(work(name)).catch((error: unknown) => String(error)),
  )
  expect(log).toEqual(['a', 'b'])
  ends[1]?.()
  await results[1]
  await Promise.resolve()
  expect(log).toEqual(['a', 'b', 'c'])
  for (const end of ends) end()
  await results[0]
  await Promise.resolve()
  for (const end of ends) end()
  expect(await Promise.all(results)).toEqual(['a', 'Error: b', 'c', 'd'])
})
