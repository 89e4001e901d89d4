/** Output `rootfs`: the image's file system, flattened: one tar, or a directory. */
import { resolve } from "node:path";
import {
  flattenInPieces,
  inTurns,
  isArchiveFile,
  tarChunks,
  writeChunks,
  type FileTree,
  type Plugin,
} from "../../core/index.ts";
import { checkFree, writeDirectory } from "./directory.ts";

const NAME = "rootfs";

export const rootfsPlugin: Plugin = {
  name: NAME,
  outputs: [
    {
      transport: NAME,
      usage: "rootfs:PATH",
      bundles: false,
      mayReplace: isArchiveFile,
      check({ rest }) {
        if (!isTar(rest)) checkFree(resolve(rest));
      },
    },
  ],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.output.for(NAME).tapPromise(NAME, async ([first], { rest }, context) => {
        const tree = await inTurns(flattenInPieces(first!.image.layers), context.signal);
        if (isTar(rest)) await writeChunks(resolve(rest), asStream(tree), context.signal);
        else await writeDirectory(resolve(rest), tree, context);
        return { message: `Wrote ${rest}` };
      });
    });
  },
};

function isTar(rest: string): boolean {
  return rest.endsWith(".tar");
}

async function* asStream(tree: FileTree): AsyncGenerator<Uint8Array> {
  yield* tarChunks(tree.entries());
}
