/** A Debian closure into an empty registry, no layer of it known from before, beside compressing the same bytes alone. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { Bench } from "../bench.ts";
import { closure } from "../inputs/debian-closures.ts";
import type { BenchRow } from "../measure.ts";
import { runOrThrow } from "../run.ts";
import { forgetLayersAndPushes, STORE_ENVIRONMENT } from "../store.ts";
import { shippingTable } from "../table.ts";
import { startRegistry } from "./registry.ts";

export const FIRST_PUSH = "image-dsl build --push";
export const COMPRESS = "compressing alone, on all cores";

export const firstPush: Bench = {
  name: "first-push",
  gigabytes: 5,
  async make(folder, cli) {
    const { project, title } = await closure.make(folder, cli);
    const registry = await startRegistry(join(folder, "registry"));
    const requests = new Map<string, number>();
    const compress = bundleCompress(folder);
    // What `cli` starts has the worker beside it.
    const worker = cli.replace(/^node /, "").replace("cli.js", "worker.js");
    await runOrThrow(`${cli} build -o docker-archive:../image.tar --quiet`, { cwd: project, env: STORE_ENVIRONMENT });

    function intoRegistry(name: string, shell: string, isPeer: boolean): BenchRow {
      let before = 0;
      return {
        name,
        shell,
        cwd: project,
        env: STORE_ENVIRONMENT,
        isPeer,
        async before() {
          registry.empty();
          forgetLayersAndPushes();
          // What the last round wrote must not reach the disk during this one.
          await runOrThrow(`sync --file-system '${folder}'`);
          before = await registry.requests();
        },
        async after() {
          requests.set(name, (await registry.requests()) - before);
        },
      };
    }

    const push = `${cli} build --push --tag ${registry.host}/ours/app:1 --insecure ${registry.host} --quiet`;
    const skopeo = `skopeo copy --quiet --dest-tls-verify=false docker-archive:../image.tar docker://${registry.host}/skopeo/app:1`;
    return {
      title: `${title}, for the first time into docker-registry on loopback`,
      rows: [
        intoRegistry(FIRST_PUSH, push, false),
        { name: COMPRESS, shell: `node '${compress}' ${worker} image.tar > /dev/null`, cwd: folder },
        intoRegistry("skopeo copy of a docker archive, built before", skopeo, true),
      ],
      table: (measured) => shippingTable(measured, requests),
      close: registry.close,
    };
  },
};

/** Bundled as image-dsl is, so that it starts as fast. */
function bundleCompress(folder: string): string {
  const out = join(folder, "compress");
  mkdirSync(out);
  const outfile = join(out, "compress-alone.mjs");
  buildSync({
    entryPoints: [join(import.meta.dirname, "compress-alone.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
  });
  return outfile;
}
