export type { Child, ChildExit, ChildOptions, SandboxLevel } from "./child.ts"
export { type Clock, type ClockTimer, SYSTEM_CLOCK } from "./clock.ts"
export { closestName } from "./config/closest-name.ts"
export type { Config, ListedSetting, SettingSource } from "./config/config.ts"
export { describeSettings, type SettingDescription } from "./config/describe-settings.ts"
export { type Environment, readEnvironment } from "./config/environment.ts"
export { type ConfigInput, loadConfig } from "./config/load-config.ts"
export { setConfigValue } from "./config/set-config-value.ts"
export type { SettingKey, SettingValues } from "./config/settings.ts"
export { createLog, type LogLevel, type LogOptions } from "./create-log.ts"
export type { Database, SqlValue, Written } from "./database/database.ts"
export { type OpenDatabaseOptions, openDatabase } from "./database/open-database.ts"
export {
  type DiskSpace,
  type DurableWrite,
  diskSpace,
  promoteDurably,
  syncFolder,
  writeDurably,
} from "./durable-file.ts"
export { acquireLock, type FileLock, type LockRequest } from "./file-lock.ts"
export { type HardwareWorld, readHardware } from "./hardware.ts"
export { type Log, SILENT_LOG } from "./log.ts"
export { type BandwidthOptions, type MemoryBandwidth, memoryBandwidth } from "./machine/memory-bandwidth.ts"
export { type ProcessMemory, processMemory, residentMemory } from "./machine/process-memory.ts"
export { type ProcessorTimes, processorsUsed, processorTimes } from "./machine/processor-use.ts"
export { makeFolder } from "./make-folder.ts"
export { layoutOf, type Paths, resolveInside } from "./paths.ts"
export { prepareHome } from "./prepare-home.ts"
export { processIdentity } from "./process-identity.ts"
export {
  createProcessRegistry,
  type ProcessEntry,
  type ProcessRegistration,
  type ProcessRegistry,
  type ProcessWork,
} from "./process-registry.ts"
export { type AttachedRun, runAttached } from "./run-attached.ts"
export { type ProgramEnd, type ProgramRun, runProgram } from "./run-program.ts"
export { probeSandbox } from "./sandbox.ts"
export { startChild } from "./start-child.ts"
export { isAbsent, systemCode, toWriteError } from "./write-error.ts"
