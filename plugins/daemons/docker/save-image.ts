/** An image out of a Docker daemon: the archive that `docker save` gives, kept in the store by the image's id. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import {
  ImageDslError,
  digestFromHex,
  digestOf,
  hexOf,
  isDigest,
  isRecord,
  type BuildContext,
  type Digest,
} from "../../../core/index.ts";
import { withProgress } from "../with-progress.ts";
import { withDocker } from "./client.ts";
import { requireEndpoint } from "./endpoint.ts";

/** The path of the archive. Throws `E_DAEMON`, and `E_BASE_IMAGE` where the daemon has no such image. */
export async function savedImage(reference: string, context: BuildContext): Promise<string> {
  const { signal, store, emit } = context;
  return withDocker(await requireEndpoint(emit), signal, async (client) => {
    const found = await client.ask(`/images/${reference}/json`);
    const id = isRecord(found) ? found["Id"] : undefined;
    if (!isDigest(id)) {
      throw new ImageDslError("E_BASE_IMAGE", `The Docker daemon at ${client.text} has no image ${reference}`, {
        hint: "docker image ls shows what it has",
      });
    }
    // By its name, since an archive that is asked for by an id says no name.
    const key = hexOf(digestOf(`${hexOf(id)} ${reference}`));
    return store.derive("daemon-images", key, ".tar", async (file) => {
      const archive = await client.receive(`/images/${reference}/get`);
      return save(withProgress(archive, "reading from docker", context), file);
    });
  });
}

async function save(body: AsyncIterable<Uint8Array>, file: string): Promise<Digest> {
  const hash = createHash("sha256");
  const handle = await open(file, "wx", 0o600);
  try {
    for await (const chunk of body) {
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
  return digestFromHex(hash.digest("hex"));
}
