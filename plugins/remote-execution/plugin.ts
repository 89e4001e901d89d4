/** Work on other machines by the Remote Execution API, version 2. Nothing of it is loaded before a build names such machines. */
import type { Plugin, RemoteDefinition } from "../../core/index.ts";

const NAME = "remote-execution";

export const remoteExecutionPlugin: Plugin = {
  name: NAME,
  remotes: [definition("grpc", "grpc://HOST:PORT[/INSTANCE]"), definition("grpcs", "grpcs://HOST[:PORT][/INSTANCE]")],
  apply() {},
};

function definition(transport: string, usage: string): RemoteDefinition {
  return {
    transport,
    usage,
    async open(options, context) {
      const { openWorkers } = await import("./open-workers.ts");
      return openWorkers(options, context);
    },
    async examine(options, context) {
      const { examineWorkers } = await import("./examine.ts");
      return examineWorkers(options, context);
    },
  };
}
