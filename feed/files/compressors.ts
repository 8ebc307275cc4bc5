import { gunzipSync, zstdDecompressSync } from 'node:zlib'

import type { Compressors } from 'hyparquet'
import { compressors as others } from 'hyparquet-compressors'

/** How pages of Parquet are unpacked: by Node.js where it can. */
export const compressors: Compressors = {
  ...others,
  GZIP: (input) => gunzipSync(input),
  ZSTD: (input) => zstdDecompressSync(input),
}
