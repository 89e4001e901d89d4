/** Machines with an empty store and nothing but the shared cache in the registry, as CI has them, beside one that has built before (issue 20, "Must show" 4). */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { cli } from "../../e2e/support.ts";
import { figures, sameDigests, type AtHome, type Built } from "./built.ts";
import { changeLine, type Workspace } from "./workspace.ts";

/** Of the results that a build with nothing changed asks for. */
const HITS = 0.99;

export async function onFreshMachines({ work, workspace, host, build, cold, add }: AtHome): Promise<void> {
  const key = join(work, "key.pem");
  const publicKey = cli(["cache", "keygen", key], { cwd: work }).toString().trim();
  const cache = `--cache docker://${host}/cache`;
  const found = (built: Built): string =>
    `${figures(built)}; ${built.found.hits} of ${built.found.asked} results found`;
  const machine = (name: string, more: string): Promise<Built> => build(checkout(work, workspace, name), name, more);

  const publishing = await build(workspace, "publisher", `${cache} --cache-private-key '${key}'`);
  add(`published by a machine with nothing kept`, `${found(publishing)}, ${publishing.found.published} published`);
  const unchanged = await machine("fresh", `${cache} --cache-public-key ${publicKey}`);
  const { hits, asked } = unchanged.found;
  const isFound = sameDigests(unchanged, cold) && asked > 0 && hits >= HITS * asked;
  add(
    "a fresh machine with the cache, from another checkout",
    found(unchanged),
    "the same digests, 99 % found",
    isFound,
  );

  const at = Math.floor(workspace.services.length / 2);
  changeLine(workspace, at, "to a fresh machine");
  const changed = await machine("fresh-changed", `${cache} --cache-public-key ${publicKey}`);
  add(
    "a fresh machine with the cache, a line changed",
    found(changed),
    "one digest is another one",
    differing(changed, cold) === 1,
  );
  changeLine(workspace, at, "to the warm one");
  const warm = await build(workspace, "publisher");
  add("a warm machine, a line changed", figures(warm), "one digest is another one", differing(warm, cold) === 1);
}

function checkout(work: string, workspace: Workspace, name: string): Workspace {
  const folder = join(work, `checkout-${name}`);
  cpSync(workspace.folder, folder, { recursive: true });
  return { ...workspace, folder };
}

function differing(some: Built, all: Built): number {
  return [...some.digests].filter(([target, digest]) => all.digests.get(target) !== digest).length;
}
