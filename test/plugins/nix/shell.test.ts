import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { isRoot, type BuildResult, type ImageDslError } from "../../../core/index.ts";
import { build, buildNixShellImage, elf, streamNixShellImage, text, type Config } from "../../../plugins/index.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { nixFixture, type NixFixture } from "./store-fixture.ts";

const test = suite("nix/shell", { timeout: 120_000 });

/** A standard environment in small, and derivations over it that have what the tests ask for. */
const DEFINITIONS = `
let
  # The last command is the shell's own: a program that closes its output before it ends, Nix 2.8 may kill.
  mk = name: variables: derivation ({
    inherit name;
    system = builtins.currentSystem;
    builder = "/usr/bin/bash";
    args = [ "-e" "-c" "PATH=/usr/bin:/bin\\n\${variables.script}\\n:" ];
  } // variables);
  setup = builtins.toFile "setup" ''
    export PATH=$tool/bin:/usr/bin
    runHook() { eval "\${"$"}{!1-}"; }
  '';
in rec {
  stdenv = mk "stdenv" { script = "mkdir $out; cp \${setup} $out/setup"; };
  tool = mk "tool-1.0" { script = "mkdir -p $out/bin; echo '#!/usr/bin/bash' > $out/bin/tool; echo 'echo from the tool' >> $out/bin/tool; chmod +x $out/bin/tool"; };
  plain = mk "Plain_1.0" {
    inherit stdenv tool;
    script = "mkdir $out; echo \\"built $it\\" > $out/result";
    it = "it's \\"it\\"";
    shellHook = "echo hook ran";
    passAsFile = [ "large" ];
    large = "a large text";
    outputs = [ "out" "dev" ];
  };
  structured = mk "structured" { script = ":"; __structuredAttrs = true; };
  other = derivation { name = "other"; system = builtins.currentSystem; builder = "/bin/sh"; };
}
`;

let host: NixFixture;
test.before(() => {
  host = nixFixture(DEFINITIONS);
});

const drv = (attribute: string) => ({ expression: `(${host.expression}).${attribute}` });
const programs = () => elf({ files: ["bash", "mkdir", "cat", "env", "id"] });

interface Built {
  readonly root: string;
  readonly result: BuildResult;
  /** What a container with this image would run: as its user, with its environment, in its directory. */
  run(...more: string[]): string;
}

async function shellImage(image: Config): Promise<Built> {
  const root = join(tmp(), "root");
  const [result] = await build(image, { directory: host.prefix, store: tmp(), jobs: 1, outputs: [`rootfs:${root}`] });
  const { Cmd, Env, User, WorkingDir } = result!.image.config;
  return {
    root,
    result: result!,
    run(...more) {
      if (!isRoot()) requireTool("root, to be another user in the image");
      const enter = [
        "/usr/bin/bash",
        "-c",
        'cd "$0" && exec "$@"',
        WorkingDir!,
        "/usr/bin/env",
        "-i",
        ...Env!,
        ...Cmd!,
        ...more,
      ];
      const done = spawnSync(requireTool("chroot"), [`--userspec=${User}`, root, ...enter], {
        encoding: "utf8",
        input: "",
      });
      assert.is(done.status, 0, done.stderr);
      return done.stdout;
    },
  };
}

async function failure(image: Config): Promise<ImageDslError> {
  try {
    await shellImage(image);
  } catch (error) {
    return error as ImageDslError;
  }
  throw new Error("It did not fail");
}

test("a command runs in the derivation's environment: its inputs, its hook, its variables (4.2: 48-51)", async () => {
  const image = buildNixShellImage({
    drv: drv("plain"),
    run: `tool; echo "$it"; cat "$largePath"; echo; echo "\${large-none} $name $out"`,
    contents: programs(),
  });
  const { run, result } = await shellImage(image);
  const out = host.run("nix-instantiate", "--eval", "-E", `(${host.expression}).plain.outPath`).replaceAll('"', "");
  assert.is(run(), `hook ran\nfrom the tool\nit's "it"\na large text\nnone Plain_1.0 ${out}\n`);
  assert.is(result.image.name, "plain-1-0-env");
});

test("the interactive shell runs a command and ends (4.2: 52, 53)", async () => {
  const image = buildNixShellImage({ drv: drv("plain"), command: "tool; echo $-", contents: programs() });
  assert.match((await shellImage(image)).run("-i"), /^hook ran\nfrom the tool\n\w*i\w*\n$/);
});

test("home and build directory are the user's (4.2: 54, 55)", async () => {
  const where = "echo $HOME $PWD; echo x > $HOME/f; echo y > $TMPDIR/g; id -u; id -g";
  const absent = await shellImage(
    buildNixShellImage({
      drv: drv("plain"),
      run: where,
      contents: programs(),
      homeDirectory: "/home/me",
      uid: 1234,
      gid: 2345,
    }),
  );
  assert.is(absent.run(), "hook ran\n/home/me /build\n1234\n2345\n");
  assert.match(
    readFileSync(join(absent.root, "etc/passwd"), "utf8"),
    "nixbld:x:1234:2345:Build user:/home/me:/noshell\n",
  );
  const { run } = await shellImage(buildNixShellImage({ drv: drv("plain"), run: where, contents: programs() }));
  assert.is(run(), "hook ran\n/build /build\n1000\n1000\n");
});

test("buildDerivation builds the derivation into the store (4.2: 56)", async () => {
  const { run, root } = await shellImage(
    buildNixShellImage({ drv: drv("plain"), run: "buildDerivation && cat $out/result", contents: programs() }),
  );
  assert.is(run(), `hook ran\nbuilt it's "it"\n`);
  assert.is(lstatSync(join(root, host.store)).uid, 1000);
});

test("scripts find /bin/sh and, where the closure has one, /usr/bin/env; what contents bring stays", async () => {
  const { root } = await shellImage(buildNixShellImage({ drv: drv("plain"), contents: programs() }));
  // /bin is a link to usr/bin where the host's is.
  assert.is(readlinkSync(join(root, "bin/sh")), "/usr/bin/bash");
  const own = text("/bin/sh", "own");
  const { root: other } = await shellImage(buildNixShellImage({ drv: drv("plain"), contents: own }));
  assert.is(readFileSync(join(other, "bin/sh"), "utf8"), "own");
});

test("a path of a derivation and a flake's are taken as well; the stream has the same layers", async () => {
  const path = host.run("nix-instantiate", "-E", `(${host.expression}).plain`).replace(/!.*/, "");
  const built = await shellImage(buildNixShellImage({ drv: drv("plain"), name: "x", tag: "y" }));
  const flake = join(host.prefix, "flake");
  mkdirSync(flake);
  const pure = DEFINITIONS.replaceAll("builtins.currentSystem", '"x86_64-linux"');
  writeFileSync(
    join(flake, "flake.nix"),
    `{ outputs = { self }: { packages.x86_64-linux.plain = (${pure}).plain; }; }`,
  );
  const ofFlake = await shellImage(
    buildNixShellImage({ drv: { installable: "path:flake#plain" }, name: "x", tag: "y" }),
  );
  assert.is(ofFlake.result.configDigest, built.result.configDigest);
  const streamed = await shellImage(streamNixShellImage({ drv: { storePath: path }, name: "x", tag: "y" }));
  assert.is(streamed.result.configDigest, built.result.configDigest);
  assert.is(streamed.result.reference, "x:y");
});

test("what has no environment, or no shell, is refused with what to do", async () => {
  const structured = await failure(buildNixShellImage({ drv: drv("structured") }));
  assert.is(structured.code, "E_NIX_SHELL");
  assert.match(structured.message, /structured attributes/);
  const other = await failure(buildNixShellImage({ drv: drv("other") }));
  assert.match(other.message, 'builder is "/bin/sh", which is no bash');
  assert.match(other.hint!, /shell: /);
  const both = await failure(buildNixShellImage({ drv: drv("plain"), run: "x", command: "y" }));
  assert.match(both.message, /has both command and run/);
  const none = await failure(buildNixShellImage({ drv: {} as never }));
  assert.match(none.message, /one of installable, storePath and expression/);
  const several = await failure(buildNixShellImage({ drv: { expression: `with ${host.expression}; [ plain tool ]` } }));
  assert.match(several.message, /it has 2 derivations, one is wanted/);
});

test.run();
