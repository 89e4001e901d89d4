/**
 * Packages installed for real: debootstrap makes a minimal root once for each suite and architecture, and apt installs
 * each package over it, in an overlay (a copy where the kernel refuses one) that is thrown away afterwards. Nothing is
 * faked but that services do not start (policy-rc.d).
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { debianArchives } from "../../host-archives.ts";
import { realTreeReader, type RealTree } from "./real-tree.ts";

export interface RealSuite {
  readonly suite: string;
  readonly architecture: string;
  /** The archive's address, as the host's apt has it. */
  readonly mirror: string;
  /** The archive's index of the suite. */
  readonly packagesText: string;
  /** What apt makes of it; kept as long as the minimal root is. Rejects where apt fails. */
  install(name: string): Promise<Installed>;
}

export interface Installed {
  readonly tree: RealTree;
  /** `name=version` of all packages in it. */
  readonly packages: readonly string[];
}

const run = promisify(execFile);
const A_DAY = 86_400_000;
const LONGEST_INSTALL = 600_000;
const OUTPUT = { maxBuffer: 1 << 28, encoding: "utf8" } as const;

const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LC_ALL: "C",
  TERM: "dumb",
  DEBIAN_FRONTEND: "noninteractive",
};

const APT = [
  "-y",
  "-q",
  "--no-install-recommends",
  ...["APT::Sandbox::User=root", "Acquire::Languages=none", "DPkg::Options::=--force-unsafe-io"].flatMap((option) => [
    "-o",
    option,
  ]),
];

type Environment = Readonly<Record<string, string>>;

/** `folder`: where minimal roots and fetched packages are kept from one run to the next. `environment`: what the scripts see besides. */
export async function openRealSuite(
  suite: string,
  architecture: string,
  folder: string,
  environment: Environment = {},
): Promise<RealSuite> {
  const [mirror] = debianArchives();
  const archives = join(folder, "archives", `${suite}-${architecture}`);
  mkdirSync(join(archives, "partial"), { recursive: true });
  await removeOfDead(folder);
  const base = await minimalRoot(suite, architecture, mirror, folder);
  const readTree = realTreeReader();
  let fetching: Promise<unknown> = Promise.resolve();

  async function installAnew(name: string): Promise<Installed> {
    const over = await overlay(base, join(folder, `root-${process.pid}-${name}`));
    try {
      // apt locks the folder that packages are fetched into.
      const fetched = fetching.then(() => apt(over.root, archives, ["--download-only", "install", name]));
      fetching = fetched.catch(() => undefined);
      await fetched;
      const install = ["-o", "Debug::NoLocking=1", "--no-download", "install", name];
      await apt(over.root, archives, install, environment, ["--net"]);
      const { stdout } = await run("dpkg-query", [
        `--admindir=${join(over.root, "var/lib/dpkg")}`,
        "--show",
        "--showformat=${Package}=${Version}\n",
      ]);
      return { tree: readTree(over.root), packages: stdout.trimEnd().split("\n").sort() };
    } finally {
      await over.dispose();
    }
  }

  return {
    suite,
    architecture,
    mirror,
    packagesText: packagesText(base, suite),
    async install(name) {
      const kept = join(installedFolder(base), `${name}.json`);
      if (existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8")) as Installed;
      const installed = await installAnew(name);
      writeFileSync(`${kept}.unfinished`, JSON.stringify(installed));
      renameSync(`${kept}.unfinished`, kept);
      return installed;
    },
  };
}

function installedFolder(base: string): string {
  return `${base}.installed`;
}

async function minimalRoot(suite: string, architecture: string, mirror: string, folder: string): Promise<string> {
  const base = join(folder, `${suite}-${architecture}`);
  if (existsSync(base) && Date.now() - statSync(`${base}.made`).mtimeMs < A_DAY) return base;
  console.error(`  a minimal root of ${suite} for ${architecture} …`);
  rmSync(base, { recursive: true, force: true });
  const unfinished = `${base}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const suites = [suite, `${suite}-updates`];
  // With further suites debootstrap forgets what only an alternative asks for.
  const more = [`--extra-suites=${suites[1]}`, "--include=usr-is-merged", `--arch=${architecture}`];
  await run("debootstrap", ["--variant=minbase", ...more, suite, unfinished, mirror], {
    ...OUTPUT,
    env: { ...process.env, LC_ALL: "C" },
  });
  writeFileSync(
    join(unfinished, "etc/apt/sources.list"),
    suites.map((each) => `deb ${mirror} ${each} main\n`).join(""),
  );
  writeFileSync(join(unfinished, "usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  rmSync(join(unfinished, "var/cache/apt/archives"), { recursive: true });
  mkdirSync(join(unfinished, "var/cache/apt/archives"));
  await inRoot(unfinished, undefined, ["apt-get", ...APT, "update"]);
  rmSync(installedFolder(base), { recursive: true, force: true });
  mkdirSync(installedFolder(base));
  renameSync(unfinished, base);
  writeFileSync(`${base}.made`, "");
  return base;
}

function packagesText(base: string, suite: string): string {
  const lists = join(base, "var/lib/apt/lists");
  const name = readdirSync(lists).find((each) => each.includes(`_dists_${suite}_`) && each.endsWith("_Packages"));
  return readFileSync(join(lists, name!), "utf8");
}

/** What a run that was killed left: overlays that are still mounted, and the folders they lie in. */
async function removeOfDead(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const owner = /^root-(\d+)-/.exec(name)?.[1];
    if (owner === undefined || existsSync(`/proc/${owner}`)) continue;
    await run("umount", ["--lazy", join(folder, name, "root")]).catch(() => undefined);
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

interface Overlay {
  readonly root: string;
  dispose(): Promise<void>;
}

async function overlay(base: string, folder: string): Promise<Overlay> {
  const [root, upper, work] = ["root", "upper", "work"].map((name) => join(folder, name)) as [string, string, string];
  for (const each of [root, upper, work]) mkdirSync(each, { recursive: true });
  // A root that is thrown away need not reach the disk.
  const options = `lowerdir=${base},upperdir=${upper},workdir=${work},volatile`;
  const mounted = await run("mount", ["-t", "overlay", "overlay", "-o", options, root]).then(
    () => true,
    () => false,
  );
  if (!mounted) await run("cp", ["-a", `${base}/.`, root]);
  return {
    root,
    async dispose() {
      if (mounted) await run("umount", ["--lazy", root]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function apt(
  root: string,
  archives: string,
  args: readonly string[],
  environment: Environment = {},
  unshare: readonly string[] = [],
): Promise<void> {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return inRoot(root, archives, ["env", ...variables, "apt-get", ...APT, ...args], unshare);
}

/** Processes and mounts are the root's own, so that nothing of it outlives the command. */
async function inRoot(
  root: string,
  archives: string | undefined,
  command: readonly string[],
  unshare: readonly string[] = [],
): Promise<void> {
  const script = `set -e
ip link set lo up
mount -t proc proc "$1/proc"
[ -z "$2" ] || mount --bind "$2" "$1/var/cache/apt/archives"
root=$1; shift 2
umask 022
exec chroot "$root" "$@"`;
  try {
    await run(
      "unshare",
      [
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "--uts",
        "--ipc",
        ...unshare,
        "sh",
        "-c",
        script,
        "sh",
        root,
        archives ?? "",
        ...command,
      ],
      { ...OUTPUT, env: ENVIRONMENT, timeout: LONGEST_INSTALL, killSignal: "SIGKILL" },
    );
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    const said = `${stdout}\n${stderr}`.trimEnd().split("\n").slice(-6).join("\n");
    throw new Error(`${command.join(" ")}: ${said}`, { cause: error });
  }
}
