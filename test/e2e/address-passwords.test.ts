// @runtimes node
/** A password in each place where a command, a config, a file or the environment names an address: nothing that is said holds it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { runCli } from "../../core/cli/main.ts";
import { ownExports } from "../../plugins/own-exports.ts";
import { standardPlugins } from "../../plugins/standard.ts";
import { createReporter } from "../../plugins/terminal/index.ts";
import { suite, tmp } from "../harness.ts";
import { writeProject } from "./support.ts";

const test = suite("e2e/address-passwords", { timeout: 120_000 });

const CANARY = "S3CRET";
/** Nobody listens at port 9. */
const ADDRESSES = [
  `me:${CANARY}@127.0.0.1:9/x:1`,
  `docker://me:${CANARY}@127.0.0.1:9/x:1`,
  `dokcer://me:${CANARY}@127.0.0.1:9/x:1`,
  `http://me:${CANARY}@127.0.0.1:9/x`,
  `docker-daemon:me:${CANARY}@127.0.0.1:9/x:1`,
  `podman:me:${CANARY}@127.0.0.1:9/x:1`,
  `docker://me:p/${CANARY}@127.0.0.1:9/x:1`,
];
const CONFIG = `import { buildLayeredImage, pullImage, text } from "image-dsl";
export default {
  images: ({ args: { base, pull, name } }) => ({
    a: buildLayeredImage({ name: "a", tag: "1", contents: text("/a", "a") }),
    ...(base && { b: buildLayeredImage({ name: "b", fromImage: base, contents: text("/b", "b") }) }),
    ...(pull && { p: pullImage({ imageName: pull, imageDigest: "sha256:${"0".repeat(64)}" }) }),
    ...(name && { n: buildLayeredImage({ name, tag: "1", contents: text("/a", "a") }) }),
  }),
  outputs: OUTPUTS,
};`;

/** Each command line that takes an address, with it in each place. */
const LINES: readonly ((address: string) => readonly string[])[] = [
  (address) => ["inspect", address],
  (address) => ["inspect", address, "--referrers"],
  (address) => ["diff", address, address],
  (address) => ["copy", address, "oci:o"],
  (address) => ["copy", "a.tar", address],
  (address) => ["attach", address, "image.config.mjs", "--type", "a/b"],
  (address) => ["prefetch", address],
  (address) => ["prefetch", "--image-name", address],
  (address) => ["build", address],
  (address) => ["build", "a", "-o", address],
  (address) => ["build", "a", "-o", address, "--dry-run"],
  (address) => ["build", "a", "-o", "digest", "--insecure", address],
  (address) => ["build", "a", "-o", "digest", "-t", address],
  (address) => ["build", "a", "-o", "digest", "--update-lock", address],
  (address) => ["build", "a", "-o", "digest", "--platform", address],
  (address) => ["build", "a", "-o", "digest", `--ouput=${address}`],
  (address) => ["build", "b", "-o", "digest", "--arg", `base=${address}`],
  (address) => ["build", "p", "-o", "digest", "--arg", `pull=${address}`],
  (address) => ["build", "n", "--push", "--arg", `name=${address}`],
  (address) => ["plan", "b", "--arg", `base=${address}`],
  (address) => ["stream", "b", "--arg", `base=${address}`],
];

test("no command shows the password of an address that it is given", async () => {
  const folder = project(`["digest"]`);
  assert.is((await said(["build", "a", "-o", "docker-archive:a.tar"], folder, {})).status, 0);
  for (const address of ADDRESSES) {
    for (const line of LINES) {
      for (const options of [["--verbose"], ["--json"]]) await refused([...line(address), ...options], folder);
    }
  }
});

test("nor that of an output in the config", async () => {
  for (const address of ADDRESSES) {
    const folder = project(JSON.stringify([address]));
    await refused(["build", "a", "--json"], folder);
    await refused(["build", "a", "--verbose"], folder);
  }
});

test("nor those of DOCKER_HOST, of proxies and of mirrors", async () => {
  const folder = project(`["digest"]`);
  const hosts = [`tcp://me:${CANARY}@127.0.0.1:9`, `ssh://me:${CANARY}@127.0.0.1`, `me:${CANARY}@h`];
  for (const host of hosts) {
    await refused(["build", "a", "--load"], folder, { DOCKER_HOST: host });
    await refused(["inspect", "docker-daemon:a:1"], folder, { DOCKER_HOST: host });
  }
  const pull = ["inspect", "docker://registry.invalid/x:1", "--verbose"];
  for (const proxy of [`http://me:${CANARY}@127.0.0.1:9`, `me:${CANARY}@127.0.0.1:9`, `socks5://me:${CANARY}@h`]) {
    await refused(pull, folder, { HTTPS_PROXY: proxy, HTTP_PROXY: proxy });
  }
  const configuration = join(folder, "xdg/containers");
  mkdirSync(configuration, { recursive: true });
  for (const location of [`me:${CANARY}@127.0.0.1:9`, `http://me:${CANARY}@127.0.0.1:9/x`]) {
    const mirrors = `[[registry]]\nprefix = "registry.invalid"\nlocation = "${location}"\n[[registry.mirror]]\nlocation = "${location}"\n`;
    writeFileSync(join(configuration, "registries.conf"), mirrors);
    for (const options of [[], ["--json"]]) {
      const home = {
        HOME: folder,
        XDG_CONFIG_HOME: join(folder, "xdg"),
        CONTAINERS_REGISTRIES_CONF: join(configuration, "registries.conf"),
      };
      await refused(["prefetch", "registry.invalid/x:1", ...options], folder, home);
    }
  }
});

function project(outputs: string): string {
  return writeProject(tmp(), { "image.config.mjs": CONFIG.replace("OUTPUTS", outputs) });
}

async function refused(args: readonly string[], folder: string, env: Readonly<Record<string, string>> = {}) {
  const { status, text } = await said(args, folder, env);
  assert.is.not(status, 0, `${args.join(" ")}: ${text}`);
  assert.not.match(text, CANARY, args.join(" "));
  // Not for another reason.
  assert.not.match(text, /E_CONFIG_NOT_FOUND|E_INTERNAL|fault of image-dsl/, args.join(" "));
}

/** In this process, as a hundred processes would take minutes. */
async function said(args: readonly string[], folder: string, env: Readonly<Record<string, string>>) {
  const [directory, environment] = [process.cwd(), { ...process.env }];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map(({ write }) => write);
  let text = "";
  const write = ((piece: string | Uint8Array) => (
    (text += Buffer.from(piece as string).toString()),
    true
  )) as typeof process.stdout.write;
  process.chdir(folder);
  Object.assign(process.env, { IMAGE_DSL_CACHE: join(folder, "cache"), ...env });
  for (const stream of streams) stream.write = write;
  try {
    const program = {
      exports: ownExports(),
      plugins: () => Promise.resolve(standardPlugins),
      reporter: (options: Parameters<typeof createReporter>[0]) => Promise.resolve(createReporter(options)),
    };
    return { status: await runCli(program, args), text };
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = writes[index]!;
    process.env = environment;
    process.chdir(directory);
  }
}

test.run();
