/**
 * Layers made by a server of the Remote Execution API (Debian's justbuild) under all kinds of trouble (issue 20, "Must show" 2): workers and the
 * server killed at random, storage emptied, blobs that end too early, beside a shared cache that lies; then with clocks that are off, and with
 * what another image-dsl has made there. `--images=N --workers=N --servers=N`: how many of these are killed at least.
 */
import { seededRandom } from "../../core/testing/random.ts";
import type { Soak, SoakOptions, SoakRow } from "../../scripts/soak.ts";
import { buildPacks, packsIn, type Packs, type RemoteBuild } from "../e2e/remote-project.ts";
import { tmp } from "../harness.ts";
import { dockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { startJustbuild, startJustbuildBy } from "../remote-servers.ts";
import { clockOff, startedWithClockOff } from "./remote/other-clocks.ts";
import { otherVersion } from "./remote/other-version.ts";
import { poisonedCaches } from "./remote/poisoned-cache.ts";
import { QUIET, troubleAtRandom, type Trouble } from "./remote/trouble.ts";

const PACK_BYTES = 8_000_000;

const soak: Soak = async (options) => {
  const packs = packsIn(tmp(), Number(options.get("images") ?? 24), PACK_BYTES);
  const alone = await buildPacks(packs);
  const isRight = ({ digests }: RemoteBuild): boolean => digests.join() === alone.digests.join();
  return [
    ...(await inTrouble(packs, isRight, options)),
    ...(await withClocksOff(packs, isRight)),
    await besideAnotherVersion(packs, isRight),
  ];
};
export default soak;

type IsRight = (built: RemoteBuild) => boolean;

async function inTrouble(packs: Packs, isRight: IsRight, options: SoakOptions): Promise<SoakRow[]> {
  const [workers, servers] = [Number(options.get("workers") ?? 50), Number(options.get("servers") ?? 5)];
  await using registry = await dockerRegistry();
  const caches = await poisonedCaches(registry, packs);
  const calm = await withoutTrouble(packs);
  const random = seededRandom(20);
  const trouble: Trouble = { worker: 0, server: 0, storage: 0, blob: 0 };
  const all: RemoteBuild[] = [];
  let told = 0;
  while (trouble.worker < workers || trouble.server < servers || trouble.storage === 0 || trouble.blob === 0) {
    const server = await startJustbuild();
    const stopping = new AbortController();
    const troubling = troubleAtRandom(server, random, trouble, calm.quiet, stopping.signal);
    const cache = caches[all.length % caches.length]!;
    try {
      const built = await buildPacks(packs, { at: server.at, sharedCache: cache.wish });
      all.push(built);
      if (built.warnings.includes(cache.warning)) told++;
      console.error(`  build ${all.length}: ${JSON.stringify({ ...built, digests: isRight(built), trouble })}`);
    } finally {
      stopping.abort();
      await troubling;
      await server.kill();
    }
  }
  const sum = (count: (built: RemoteBuild) => number): number => all.reduce((before, each) => before + count(each), 0);
  const there = sum(({ made }) => made.there + made.known);
  const here = sum(({ made }) => made.here);
  const remote = sum(({ warnings }) => warnings.filter((code) => !code.startsWith("W_")).length);
  const right = all.filter(isRight).length;
  return [
    quietRow("without trouble", isRight, calm),
    row("builds with the digests of this machine", `${right} of ${all.length}`, "all", right === all.length),
    row("workers killed", `${trouble.worker}`, `${workers}`, trouble.worker >= workers),
    row("servers killed", `${trouble.server}`, `${servers}`, trouble.server >= servers),
    row("storages emptied", `${trouble.storage}`, "some", trouble.storage > 0),
    row("blobs truncated", `${trouble.blob}`, "some", trouble.blob > 0),
    row("caches that lie, told", `${told} of ${all.length}`, "all", told === all.length),
    row("tasks done there", `${there} of ${there + here}`, "most", there > here),
    row("warnings of workers", `${remote}`, "some where work was done here", here === 0 || remote > 0),
  ];
}

/** `quiet`: half of the time that it takes on this machine now, as trouble is to come as often on a busy one, where all takes longer, as on an idle one. */
async function withoutTrouble(packs: Packs): Promise<RemoteBuild & { readonly quiet: number }> {
  const server = await startJustbuild();
  try {
    const began = performance.now();
    const built = await buildPacks(packs, server);
    return { ...built, quiet: Math.max(QUIET, (performance.now() - began) / 2) };
  } finally {
    await server.kill();
  }
}

async function withClocksOff(packs: Packs, isRight: IsRight): Promise<SoakRow[]> {
  const rows: SoakRow[] = [];
  for (const offset of ["+1h", "-1h"]) {
    const server = await startJustbuildBy(startedWithClockOff(offset));
    try {
      rows.push(quietRow(`the servers' and workers' clock ${offset}`, isRight, await buildPacks(packs, server)));
    } finally {
      await server.kill();
    }
    const other = await startJustbuild();
    try {
      const built = await buildPacks(packs, { at: other.at, env: clockOff(offset) });
      rows.push(quietRow(`the client's clock ${offset}`, isRight, built));
    } finally {
      await other.kill();
    }
  }
  return rows;
}

function quietRow(what: string, isRight: IsRight, { made, warnings, ...built }: RemoteBuild): SoakRow {
  const isQuiet = isRight({ made, warnings, ...built }) && warnings.length === 0 && made.here === 0;
  return row(what, `${made.there} tasks there, ${made.here} here, warnings: ${warnings.length}`, "all there", isQuiet);
}

/** What one has made there, the other does not take for its own. */
async function besideAnotherVersion(packs: Packs, isRight: IsRight): Promise<SoakRow> {
  const server = await startJustbuild();
  try {
    await buildPacks(packs, server);
    const other = await buildPacks(packs, { at: server.at, dist: otherVersion() });
    const again = await buildPacks(packs, server);
    const isOwn = other.made.known === 0 && other.made.there > 0 && again.made.there === 0 && again.made.known > 0;
    return row(
      "answers of another version",
      `${other.made.known} taken by it, ${again.made.known} by the first again`,
      "its own only, the same digests",
      isOwn && isRight(other) && isRight(again),
    );
  } finally {
    await server.kill();
  }
}

function row(what: string, figure: string, aim: string, ok: boolean): SoakRow {
  return { what, figure, aim, ok };
}
