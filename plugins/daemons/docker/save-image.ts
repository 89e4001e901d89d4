/** An image out of a Docker daemon: the archive that `docker save` gives, kept in the store by the image's id. */
import {
  ImageDslError,
  digestOf,
  hexOf,
  isDigest,
  isRecord,
  writeHashed,
  type BuildContext,
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
      return writeHashed(file, withProgress(archive, "reading from docker", context));
    });
  });
}
