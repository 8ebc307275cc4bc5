/** How Node.js, SQLite and Postgres report that the disk is full. */
const DISK_FULL = /ENOSPC|no space left on device|disk is full|could not extend file/i

export function isDiskFull(text: string): boolean {
  return DISK_FULL.test(text)
}
