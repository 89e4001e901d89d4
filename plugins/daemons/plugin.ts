/** Outputs into what runs containers here: `docker-daemon`, `podman`, `containers-storage`, `containerd`, and `load`. */
import type { OutputDefinition, Plugin } from "../../core/index.ts";
import { checkName } from "./destination.ts";
import { STORAGES } from "./storages.ts";

const NAME = "daemons";
const DOCKER = "docker-daemon";
const LOAD = "load";

const common = { bundles: false, pathOf: () => "", check: checkName } as const satisfies Partial<OutputDefinition>;

export const daemonsPlugin: Plugin = {
  name: NAME,
  outputs: [
    { transport: DOCKER, usage: `${DOCKER}:NAME:TAG`, ...common },
    ...Object.keys(STORAGES).map((transport) => ({ transport, usage: `${transport}:NAME:TAG`, ...common })),
    { transport: LOAD, usage: LOAD, bundles: false, indexes: true },
  ],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.output.for(DOCKER).tapPromise(NAME, async ([image], { rest }, context) => {
        const { loadNamed } = await import("./docker/load-image.ts");
        return loadNamed({ ...image!, reference: () => Promise.resolve(rest) }, context);
      });
      for (const [transport, storage] of Object.entries(STORAGES)) {
        hooks.output.for(transport).tapPromise(NAME, async ([image], { rest }, context) => {
          const { storeImage } = await import("./store-image.ts");
          return storeImage({ ...image!, reference: () => Promise.resolve(rest) }, storage, context);
        });
      }
      hooks.output.for(LOAD).tapPromise(NAME, async (images, _, context) => {
        const { loadAnywhere } = await import("./load-anywhere.ts");
        return loadAnywhere(images, context);
      });
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => {
      const { checkDocker } = await import("./doctor.ts");
      report.add(await checkDocker());
    });
  },
};
