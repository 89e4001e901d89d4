/** Output `digest`: writes nothing; the digests are printed. */
import { MANIFEST_FORMATS, packTargets, writtenImage, type Plugin, type WrittenImage } from "../../core/index.ts";

const NAME = "digest";

export const digestPlugin: Plugin = {
  name: NAME,
  outputs: [
    {
      transport: NAME,
      usage: "digest",
      bundles: false,
      indexes: true,
      formats: MANIFEST_FORMATS,
      previews: true,
      sparse: true,
    },
  ],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.output.for(NAME).tapPromise(NAME, async (images, _, context) => {
        const isIndex = images.some(({ index }) => index !== undefined);
        const written: WrittenImage[] = [];
        for (const each of packTargets(images, MANIFEST_FORMATS, context)) {
          const [first, ...others] = each.images;
          if (isIndex || others.length > 0) written.push(await writtenImage(each));
          else {
            // Its manifest is not asked for: for that its layers would be compressed.
            const { target, reference } = each;
            const { digest } = (await first!.config()).descriptor;
            written.push({ target, reference: (await reference()) ?? digest, digest });
          }
        }
        return { message: written.map(({ digest }) => digest).join(" "), written };
      });
    });
  },
};
