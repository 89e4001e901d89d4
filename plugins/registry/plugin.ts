/** Output `docker`: a registry (OCI distribution specification 1.1). */
import type { Plugin } from "../../core/index.ts";
import { checkDestination } from "./destination.ts";

const NAME = "registry";
const TRANSPORT = "docker";

export const registryPlugin: Plugin = {
  name: NAME,
  outputs: [
    {
      transport: TRANSPORT,
      usage: "docker://HOST/NAME[:TAG]",
      bundles: false,
      indexes: true,
      pathOf: () => "",
      check: checkDestination,
    },
  ],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.output.for(TRANSPORT).tapPromise(NAME, async (images, destination, context) => {
        const { pushOutput } = await import("./push/push-output.ts");
        return pushOutput(images, destination, context);
      });
    });
  },
};
