/** Images in Docker daemons to read, and outputs into what runs containers here: `docker-daemon`, `podman`, `containers-storage`, `containerd`, and `load`. */
import type { OutputDefinition, Plugin, Source, StageContext } from "../../core/index.ts";
import { checkInput, checkName, named } from "./destination.ts";
import { daemonImage, type DaemonImageOptions } from "./source.ts";
import { STORAGES } from "./storages.ts";

const NAME = "daemons";
const DOCKER = "docker-daemon";
const LOAD = "load";
const ARCHIVE = "image-archive";

const common = {
  bundles: false,
  previews: true,
  pathOf: () => "",
  check: checkName,
} as const satisfies Partial<OutputDefinition>;

export const daemonsPlugin: Plugin = {
  name: NAME,
  sources: [daemonImage],
  requires: ["image-archive"],
  inputs: [
    {
      transport: DOCKER,
      usage: `${DOCKER}:NAME:TAG`,
      sourceOf(rest, text) {
        checkInput(rest, text);
        return daemonImage({ reference: rest });
      },
    },
  ],
  outputs: [
    { transport: DOCKER, usage: `${DOCKER}:NAME:TAG`, sparse: true, ...common },
    ...Object.keys(STORAGES).map((transport) => ({ transport, usage: `${transport}:NAME:TAG`, ...common })),
    { transport: LOAD, usage: LOAD, bundles: false, keepsNames: true, indexes: true, previews: true, sparse: true },
  ],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      /** The daemon's image as one of an archive. */
      const archived = async ({ options }: Source, context: StageContext): Promise<Source> => {
        const { reference } = options as DaemonImageOptions;
        const { savedImage } = await import("./docker/save-image.ts");
        return { kind: ARCHIVE, options: { file: await savedImage(reference, context) } };
      };
      hooks.base.for(daemonImage.kind).tapPromise(NAME, async (source, context) => {
        return hooks.base.for(ARCHIVE).promise(await archived(source, context), context);
      });
      hooks.images.for(daemonImage.kind).tapPromise(NAME, async (source, context) => {
        return hooks.images.for(ARCHIVE).promise(await archived(source, context), context);
      });
      hooks.output.for(DOCKER).tapPromise(NAME, async ([image], { rest }, context) => {
        const { loadNamed } = await import("./docker/load-image.ts");
        return loadNamed(named(image!, rest), context);
      });
      for (const [transport, storage] of Object.entries(STORAGES)) {
        hooks.output.for(transport).tapPromise(NAME, async ([image], { rest }, context) => {
          const { storeImage } = await import("./store-image.ts");
          return storeImage(named(image!, rest), storage, context);
        });
      }
      hooks.output.for(LOAD).tapPromise(NAME, async (images, _, context) => {
        const { loadAnywhere } = await import("./load-anywhere.ts");
        return loadAnywhere(images, context);
      });
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => {
      const { checkDocker, checkTools } = await import("./doctor.ts");
      const [docker, tools] = await Promise.all([checkDocker(), checkTools()]);
      for (const check of [docker, ...tools]) report.add(check);
    });
  },
};
