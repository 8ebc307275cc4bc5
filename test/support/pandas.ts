import { fileURLToPath } from 'node:url'

import { installPythonPackage } from './python-package.ts'

const PANDAS = {
  version: '3.1.1',
  home: fileURLToPath(new URL('../../.emulators/pandas', import.meta.url)),
  beside: ['pyarrow==26.0.1'],
}

/** Installs pandas and pyarrow, once; the Python that has both. */
export async function installPandas(): Promise<string> {
  return await installPythonPackage('pandas', PANDAS)
}
