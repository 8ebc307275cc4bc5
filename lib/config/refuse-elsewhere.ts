import { badValue } from './config-error.ts'
import type { Parsed } from './schema.ts'

/** What Lambda, RDS, Kinesis and API Gateway take from their own region only. */
export function refuseElsewhere(config: Parsed): void {
  const { region, encryptionKey, databaseSecretArn, apiCertificateArn, apiWebAcl, codeSigningConfigArn } =
    config
  const ofOneRegion = { encryptionKey, databaseSecretArn, apiCertificateArn, apiWebAcl, codeSigningConfigArn }
  for (const [key, value] of Object.entries(ofOneRegion)) {
    const [, , , found] = value?.split(':') ?? []
    if (found !== undefined && found !== region)
      throw badValue(
        key,
        value,
        `it is in ${found}, and the deployment in ${region}; name one of that region`,
      )
  }
}
