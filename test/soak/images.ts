/**
 * `npm run soak images [--images=300] [--single=10] [--remote=justbuild|casd|grpc://HOST:PORT] [--own=MB]`: many images of one workspace into
 * docker-registry: all of them in one build, some one by one and by buildah, on fresh machines that share a cache, and, with `--remote`, on
 * other machines, where each image has some data of its own (issue 20, "Must show" 1 and 4).
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { pushBases } from "../../scripts/bench/node-app/bases.ts";
import { startMirror, type Mirror } from "../../scripts/bench/node-app/mirror.ts";
import { startRegistry } from "../../scripts/bench/shipping/registry.ts";
import type { Soak, SoakOptions, SoakRow } from "../../scripts/soak.ts";
import { CLI, openFolder } from "../e2e/support.ts";
import { startJustbuild, startTwoCasds } from "../remote-servers.ts";
import { buildahIn } from "./images/by-buildah.ts";
import {
  figures,
  movedText,
  sameDigests,
  secondsOf,
  timed,
  type Add,
  type AtHome,
  type Build,
  type Built,
} from "./images/built.ts";
import { countedHost, type CountedHost } from "./images/counted-host.ts";
import { onFreshMachines } from "./images/fresh-machines.ts";
import { writeWorkspace } from "./images/workspace.ts";

/** That are started here. */
const SERVERS = new Map([
  ["justbuild", () => startJustbuild()],
  ["casd", startTwoCasds],
]);

/** MB of its own that an image has, where other machines are to have work. */
const OWN = 24;
/** Of the tasks that the first build had done there: what was done here is known to nobody. */
const HITS = 0.99;

const soak: Soak = async (options) => {
  const { path: work, dispose } = openFolder("images");
  const mirror = await startMirror();
  const registry = await startRegistry(join(work, "registry"));
  const counted = await countedHost(registry.host);
  try {
    return await measured(work, mirror, counted, options);
  } finally {
    counted.close();
    await registry.close();
    await mirror.close();
    dispose();
  }
};
export default soak;

async function measured(work: string, mirror: Mirror, registry: CountedHost, options: SoakOptions): Promise<SoakRow[]> {
  const remote = options.get("remote");
  const count = Number(options.get("images") ?? 300);
  const single = Math.min(count, Number(options.get("single") ?? 10));
  const own = Number(options.get("own") ?? (remote === undefined ? 0 : OWN));
  const { host } = registry;
  await pushBases(join(work, "bases"), {
    cli: `node '${CLI}'`,
    env: { ...mirror.env, IMAGE_DSL_CACHE: join(work, "store-of-bases") },
    host,
    npm: mirror,
  });
  const workspace = await writeWorkspace(join(work, "one"), { count, own, host, registry: mirror.url });
  const build: Build = async (where, store, more = "") => {
    registry.moved();
    const env = { ...mirror.env, IMAGE_DSL_CACHE: join(work, store) };
    const built = await timed(`node '${CLI}' build ${more} --push --insecure ${host} --json`, where.folder, env);
    return { ...built, pushed: registry.moved() };
  };

  const rows: SoakRow[] = [];
  const add: Add = (what, figure, aim = "", ok = true) => rows.push({ what, figure, aim, ok });
  const cold = await build(workspace, "all");
  add(`${count} images with nothing kept`, figures(cold));
  const again = await build(workspace, "all");
  add("the same again", figures(again), "the same digests", sameDigests(cold, again));

  if (single > 0) {
    const each: Built[] = [];
    for (const name of workspace.services.slice(0, single)) each.push(await build(workspace, "single", name));
    add(
      `${single} one by one, for ${count}`,
      extrapolated(
        each.map(({ seconds }) => seconds),
        count,
      ),
      "the same digests",
      each.every((one) => sameDigests(one, cold)),
    );
    const buildah = buildahIn(workspace, host, join(work, "buildah"));
    const peer: number[] = [];
    for (const name of workspace.services.slice(0, single)) peer.push(await secondsOf(() => buildah(name)));
    add(`${single} by buildah one by one, for ${count}`, extrapolated(peer, count), "more than ours");
  }
  const home: AtHome = { work, workspace, host, build, cold, add };
  if (remote !== undefined) await elsewhere(remote, home);
  else await onFreshMachines(home);
  return rows;
}

/** The registry has all of it by now: what is pushed is what it asks for. */
async function elsewhere(remote: string, { work, workspace, build, cold, add }: AtHome): Promise<void> {
  const server = await (SERVERS.get(remote)?.() ?? { at: remote, kill: async () => {} });
  const place = new URL(server.at.replace("grpc:", "http:"));
  const storage = await countedHost(place.host);
  const far = `--explain --remote grpc://${storage.host}${place.pathname}`;
  try {
    const first = await build(workspace, "far", far);
    add("on other machines with nothing kept", figures(first), "the same digests", sameDigests(cold, first));
    add("moved to and from them", movedText(storage.moved()));
    const other = { ...workspace, folder: join(work, "two") };
    cpSync(workspace.folder, other.folder, { recursive: true });
    const second = await build(other, "far-two", far);
    add("the same from another checkout", figures(second), "the same digests", sameDigests(cold, second));
    add("moved to and from them", movedText(storage.moved()));
    const [done, known] = [first.tasks.there, second.tasks.known];
    add("of what was done there, known there", `${known} of ${done}`, "99 %", done > 0 && known >= HITS * done);
  } finally {
    storage.close();
    await server.kill();
  }
}

/** The first one has more to do than those after it. */
function extrapolated(each: readonly number[], count: number): string {
  const [first, ...others] = each;
  const mean = others.reduce((sum, one) => sum + one, 0) / Math.max(1, others.length);
  return `${first!.toFixed(1)} s, then ${mean.toFixed(1)} s each: ${(first! + mean * (count - 1)).toFixed(0)} s`;
}
