/** Waits until a condition holds, looking again whenever the machine has a moment; rejects after two minutes. */
export async function waitFor(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 120_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited two minutes for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
