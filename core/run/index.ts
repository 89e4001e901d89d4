/** Scripts: what plugin authors use of them. Only re-exports. */

export { EXECUTORS, machineSchemas } from "./executors.ts";
export type { Executor } from "./executors.ts";
export { keepArchive } from "./kept-archive.ts";
export { shellQuoted, shellWord } from "../model/shell-quoted.ts";
export { imageShell } from "./image-shell.ts";
export { outsidePrograms } from "./outside-programs.ts";
export { deadline } from "./deadline.ts";
export { DEVICES, DEVICE_FOLDERS, DEVICE_LINKS } from "./root-devices.ts";
export {
  MOUNT_POINTS,
  OUTSIDE,
  ROOT_DISK_MIB,
  ROOT_LIMITS,
  rootCommand,
  rootEnvironment,
  rootShell,
} from "./root-script.ts";
export { mountResolver, unmountResolver } from "./resolver.ts";
export { scriptEnvironment } from "./script-environment.ts";
export { lacksNetwork, noNetwork } from "./lacks-network.ts";
export { commandLoop } from "./command-loop.ts";
export { innerFunction } from "./inner-function.ts";
export type { InnerFunction } from "./inner-function.ts";
export { scriptError } from "./script-error.ts";
export { scriptFailure, scriptLog, scriptTookTooLong } from "./script-log.ts";
export type { ScriptLog } from "./script-log.ts";
export { BASH, FAKEROOT, checkTool, hostShell, requireTool } from "./host-tools.ts";
export type { HostTool } from "./host-tools.ts";
export { imageNames } from "./names/name-files.ts";
export type { NameFiles } from "./names/name-files.ts";
export { checkNames } from "./names/names.ts";
export { checkFakechrootScripts, checkHostScripts, checkSandboxed } from "./sandbox/isolation.ts";
export { checkBubblewrap, findBubblewrap, requireBubblewrap } from "./sandbox/bubblewrap.ts";
export { runScript, runScriptBy } from "./run-script.ts";
export type { ExecutedScript, TravellingScript } from "../pipeline/script-places.ts";
export type { ScriptExecutor } from "./script-executor.ts";
export { functionIdentity, scriptIdentity } from "./script-key.ts";
export type { ScriptIdentity, TreeDigest } from "./script-key.ts";
export { stepRunner } from "./step-runner.ts";
export { systemTools } from "./system-tools.ts";
export type { ToolVersions } from "./system-tools.ts";
export { namedInput } from "./script-inputs.ts";
export type { ScriptRunner } from "./script-runner.ts";
export type { InnerCommand, ScriptPlace, ScriptShellProgram } from "./script-place.ts";
