/** Workers `grpc` and `grpcs`: servers of the Remote Execution API. */
export { remoteExecutionPlugin } from "./plugin.ts";
