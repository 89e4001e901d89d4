/** Registries (OCI distribution specification 1.1): output `docker`, and images in them to build on. */
import { MANIFEST_FORMATS, type Plugin } from "../../core/index.ts";
import { readPlace } from "./cache/place.ts";
import { checkDestination } from "./destination.ts";
import { registryImage, type RegistryImageOptions } from "./source.ts";

const NAME = "registry";
const TRANSPORT = "docker";

export const registryPlugin: Plugin = {
  name: NAME,
  sources: [registryImage],
  outputs: [
    {
      transport: TRANSPORT,
      usage: "docker://HOST/NAME[:TAG]",
      bundles: false,
      indexes: true,
      knowsManifests: true,
      formats: MANIFEST_FORMATS,
      previews: true,
      sparse: true,
      compresses: ({ layerCompression = "gzip" }) => (layerCompression === "none" ? undefined : layerCompression),
      pathOf: () => "",
      check: checkDestination,
      async reach(destinations, context) {
        const { reachRegistries } = await import("./push/reach.ts");
        await reachRegistries(destinations, context);
      },
    },
  ],
  inputs: [
    {
      transport: TRANSPORT,
      usage: "docker://HOST/NAME[:TAG][@DIGEST]",
      sourceOf: (_, text) => registryImage({ reference: text }),
    },
  ],
  caches: [
    {
      transport: TRANSPORT,
      usage: "docker://HOST/NAME",
      check: (text) => void readPlace(text),
      async open(text, context) {
        const { openCache } = await import("./cache/open-cache.ts");
        return openCache(text, context);
      },
    },
  ],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.base.for(registryImage.kind).tapPromise(NAME, async ({ options }, context) => {
        const { readImage } = await import("./pull/read-image.ts");
        return readImage(options as RegistryImageOptions, context);
      });
      hooks.pin.for(registryImage.kind).tapPromise(NAME, async ({ options }, context) => {
        const { listImages } = await import("./pull/read-image.ts");
        await listImages(options as RegistryImageOptions, context);
      });
      hooks.images.for(registryImage.kind).tapPromise(NAME, async ({ options }, context) => {
        const { listImages } = await import("./pull/read-image.ts");
        return listImages(options as RegistryImageOptions, context);
      });
      hooks.attach.for(registryImage.kind).tapPromise(NAME, async ({ options }, artifact, context) => {
        const { attach } = await import("./referrers/attach.ts");
        return attach(options as RegistryImageOptions, artifact, context);
      });
      hooks.referrers.for(registryImage.kind).tapPromise(NAME, async ({ options }, context) => {
        const { listReferrers } = await import("./referrers/list-referrers.ts");
        return listReferrers(options as RegistryImageOptions, context);
      });
      hooks.output.for(TRANSPORT).tapPromise(NAME, async (images, destination, context) => {
        const { pushOutput } = await import("./push/push-output.ts");
        return pushOutput(images, destination, context);
      });
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => {
      const { checkLogins } = await import("./doctor.ts");
      report.add(await checkLogins());
    });
  },
};
