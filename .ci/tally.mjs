// Prints `N passed, N failed` over the steps of the gate, and ends with 1 when anything failed. A step that fails
// without a failed test counts as one failure.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2] ?? ''
let passed = 0
let failed = 0
for (const file of readdirSync(folder).filter((name) => name.endsWith('.exit'))) {
  const report = read(join(folder, file.replace(/exit$/, 'json')))
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length
  const ofTests = report.numFailedTests + broken
  const isGreen = readFileSync(join(folder, file), 'utf8').trim() === '0'
  passed += report.numPassedTests
  failed += isGreen ? ofTests : Math.max(ofTests, 1)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

/** @param {string} file */
function read(file) {
  const none = { numPassedTests: 0, numFailedTests: 0, testResults: [] }
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : none
  } catch {
    return none
  }
}
