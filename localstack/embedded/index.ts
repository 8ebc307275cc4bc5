export { loopback } from './http/http.ts'
export { startRuntime } from './runtime.ts'
export type {
  DeployedResource,
  DeployProgress,
  FunctionFigures,
  FunctionLogLine,
  MappingLag,
  Runtime,
  RuntimeOptions,
} from './runtime.ts'
export { LOCK_FILE, lockDataFolder } from './storage/data-folder-lock.ts'
export { writeState } from './storage/state-file.ts'
export { readAssembly } from './template/assembly.ts'
