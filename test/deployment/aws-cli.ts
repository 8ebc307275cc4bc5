import { fileURLToPath } from 'node:url'

import { installPythonPackage } from '../support/python-package.ts'

/** Version 1: the latest on PyPI. */
const AWS_CLI = {
  version: '1.46.3',
  home: fileURLToPath(new URL('../../.emulators/aws-cli', import.meta.url)),
  beside: ['boto3'],
}

/** Installs the AWS command line and boto3, once; the Python that has both. */
export async function installAwsCli(): Promise<string> {
  return await installPythonPackage('awscli', AWS_CLI)
}

// Before the suite, so that two that run at once do not both install it.
if (import.meta.main) await installAwsCli()
